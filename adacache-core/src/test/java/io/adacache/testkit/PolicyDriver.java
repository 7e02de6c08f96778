package io.adacache.testkit;

import io.adacache.event.Trace;
import io.adacache.event.Trace.StepRecord;
import io.adacache.layout.Layout;
import io.adacache.layout.Part;
import io.adacache.metric.Measure;
import io.adacache.metric.Metric;
import io.adacache.metric.Probe;
import io.adacache.metric.Sums;
import io.adacache.policy.CachePolicy;
import io.adacache.policy.Decision;
import io.adacache.policy.Decision.Reason;
import io.adacache.policy.Figures;
import io.adacache.policy.Generation;
import io.adacache.policy.PolicyRun;
import io.adacache.replay.NamedTransformer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Drives a policy through a generation on made-up numbers, without tensors: the real session, on tensors that are only names. Checks each
 * answer, and throws {@link AssertionError} where it is not valid.
 */
public final class PolicyDriver {
    /** Where measures come from. */
    public interface Numbers {
        /** Returns the sums of a distance that is measured in a step. */
        Sums distance(int step, String branch, Measure.Distance measure);

        /** Returns the sums of a motion score, one per stride. */
        List<Sums> motion(int step, String branch, Measure.Motion measure);
    }

    /**
     * What became of a step.
     *
     * @param step its number
     * @param decisions by part, as carried out
     * @param figures what the policy reported
     */
    public record Driven(int step, Map<Part, Decision> decisions, List<Figures> figures) {
        /** Whether everything was computed. */
        public boolean isComputed() {
            return decisions.values().stream().allMatch(Decision.Compute.class::isInstance);
        }
    }

    private PolicyDriver() {}

    /**
     * Runs all steps of a generation.
     *
     * @throws IllegalArgumentException if the policy refuses the layout or the generation
     */
    public static List<Driven> drive(CachePolicy policy, Layout layout, Generation generation, Numbers numbers) {
        Map<Integer, Map<Part, Decision>> decisions = new LinkedHashMap<>();
        Asked asked = new Asked(numbers);
        CachePolicy observed = CachePolicy.of(policy.name(), policy.requirements(), (sites, announced) -> {
            PolicyRun run = policy.begin(sites, announced);
            asked.measures.addAll(run.measures());
            return new Observed(run, announced, decisions);
        });
        Trace trace = NamedTransformer.replay(observed, layout, generation, asked);
        List<Driven> steps = new ArrayList<>();
        for (StepRecord record : trace.steps()) {
            Map<Part, Decision> carriedOut = new LinkedHashMap<>();
            record.parts()
                    .forEach(part -> carriedOut.put(
                            part.part(),
                            part.reason() == Reason.NOTHING_KEPT
                                    ? Decision.compute(Reason.NOTHING_KEPT)
                                    : decisions.get(record.step()).get(part.part())));
            steps.add(new Driven(record.step(), carriedOut, record.figures()));
        }
        return steps;
    }

    private static void check(boolean valid, String complaint) {
        if (!valid) {
            throw new AssertionError(complaint);
        }
    }

    /** Finds the measure behind each tensor that is compared: a session asks for the measures of a probe in their order. */
    private static final class Asked implements io.adacache.replay.Numbers {
        private record Moment(int step, String branch, Measure measure) {}

        private final Numbers numbers;
        private final List<Measure> measures = new ArrayList<>();
        private final Set<Moment> distances = new HashSet<>();
        private final Map<Moment, List<Sums>> motions = new HashMap<>();

        Asked(Numbers numbers) {
            this.numbers = numbers;
        }

        private static boolean isOne(Probe one, Probe other) {
            return one.equals(other)
                    || (one instanceof Probe.SpanSum sum
                            && sum.span().size() == 1
                            && other.equals(
                                    new Probe.Residuals(List.of(sum.span().first()))));
        }

        @Override
        public Sums distance(Probe probe, Metric metric, String branch, int now, int then) {
            for (Measure measure : measures) {
                if (measure instanceof Measure.Distance distance
                        && isOne(distance.probe(), probe)
                        && distance.metric() == metric
                        && distances.add(new Moment(now, branch, measure))) {
                    return numbers.distance(now, branch, distance);
                }
            }
            throw new AssertionError(
                    "nobody measures the " + metric + " distance of " + probe + " twice in step " + now);
        }

        @Override
        public Sums motion(Probe probe, Metric norm, int stride, String branch, int step) {
            for (Measure measure : measures) {
                if (measure instanceof Measure.Motion motion
                        && isOne(motion.probe(), probe)
                        && motion.norm() == norm
                        && motion.strides().contains(stride)) {
                    return motions.computeIfAbsent(
                                    new Moment(step, branch, measure), key -> numbers.motion(step, branch, motion))
                            .get(motion.strides().indexOf(stride));
                }
            }
            throw new AssertionError("nobody measures the motion of " + probe + " at stride " + stride);
        }
    }

    /** The run, overheard. */
    private record Observed(PolicyRun run, Generation generation, Map<Integer, Map<Part, Decision>> decisions)
            implements PolicyRun {
        @Override
        public List<Measure> measures() {
            return run.measures();
        }

        @Override
        public int history() {
            return run.history();
        }

        @Override
        public List<? extends Part> plan(StepView step) {
            check(
                    generation.branches().stream().anyMatch(branch -> run.needs(branch, step.step())),
                    "no branch is called in step " + step.step());
            return run.plan(step);
        }

        @Override
        public Decision decide(Part part, StepView step) {
            Decision decision = run.decide(part, step);
            check(!(decision instanceof Decision.Reuse) || step.step() > 1, "step 1 is reused: " + decision);
            decisions.computeIfAbsent(step.step(), key -> new LinkedHashMap<>()).put(part, decision);
            return decision;
        }

        @Override
        public List<Figures> completed(StepView step) {
            return run.completed(step);
        }

        @Override
        public boolean needs(String branch, int step) {
            return run.needs(branch, step);
        }
    }
}
