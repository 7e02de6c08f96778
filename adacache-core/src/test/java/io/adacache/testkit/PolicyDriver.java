package io.adacache.testkit;

import io.adacache.layout.Layout;
import io.adacache.layout.Span;
import io.adacache.metric.Measure;
import io.adacache.metric.Probe;
import io.adacache.metric.Sums;
import io.adacache.policy.CachePolicy;
import io.adacache.policy.Decision;
import io.adacache.policy.Figures;
import io.adacache.policy.Generation;
import io.adacache.policy.PolicyRun;
import io.adacache.policy.Reason;
import io.adacache.policy.StepNumbers;
import io.adacache.policy.StepPlan;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Drives a policy through a generation on made-up numbers, without tensors: which measures a policy gets to see, and when, is as in
 * a session. Checks each answer, and throws {@link AssertionError} where it is not valid.
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
     * @param decisions by span, as carried out; the whole call has the key {@link #CALL}
     * @param figures what the policy reported
     */
    public record Driven(int step, Map<Span, Decision> decisions, List<Figures> figures) {
        /** Whether everything was computed. */
        public boolean isComputed() {
            return decisions.values().stream().allMatch(Decision.Compute.class::isInstance);
        }
    }

    /** Stands for the whole call among the spans. */
    public static final Span CALL = new Span(0, Integer.MAX_VALUE);

    private final Layout layout;
    private final Generation generation;
    private final PolicyRun run;
    private final Numbers numbers;
    private final Map<String, Branch> branches = new HashMap<>();
    private final Map<Probe, Set<Measure>> measures = new LinkedHashMap<>();
    private final Map<Span, List<Probe.Residuals>> residualsOf = new HashMap<>();

    private PolicyDriver(CachePolicy policy, Layout layout, Generation generation, Numbers numbers) {
        this.layout = layout;
        this.generation = generation;
        this.run = policy.begin(layout, generation);
        this.numbers = numbers;
        generation.branches().forEach(name -> branches.put(name, new Branch(name)));
        run.measures().forEach(measure -> measures.computeIfAbsent(measure.probe(), key -> new LinkedHashSet<>())
                .add(measure));
    }

    private List<Probe.Residuals> residuals(Span span) {
        return residualsOf.computeIfAbsent(span, key -> measures.keySet().stream()
                .filter(Probe.Residuals.class::isInstance)
                .map(Probe.Residuals.class::cast)
                .filter(probe -> probe.sites().stream().anyMatch(key::contains))
                .toList());
    }

    /**
     * Runs all steps of a generation.
     *
     * @throws IllegalArgumentException if the policy refuses the layout or the generation
     */
    public static List<Driven> drive(CachePolicy policy, Layout layout, Generation generation, Numbers numbers) {
        PolicyDriver driver = new PolicyDriver(policy, layout, generation, numbers);
        List<Driven> steps = new ArrayList<>();
        for (int step = 1; step <= generation.steps(); step++) {
            steps.add(driver.step(step));
        }
        return steps;
    }

    private Driven step(int number) {
        StepNumbers view = new StepNumbers(number);
        StepPlan plan = null;
        Map<Span, Decision> decisions = new LinkedHashMap<>();
        List<String> needed = generation.branches().stream()
                .filter(branch -> run.needs(branch, number))
                .toList();
        check(!needed.isEmpty(), "no branch is called in step " + number);
        for (String name : needed) {
            Branch branch = branches.get(name);
            branch.take(view, new Probe.Latent());
            if (plan == null) {
                plan = run.plan(view);
            }
            if (plan instanceof StepPlan.Spans spans) {
                branch.spans(view, spans.spans(), decisions);
            } else if (plan instanceof StepPlan.WholeCall call) {
                branch.call(view, call, decisions);
            }
        }
        return new Driven(number, decisions, run.completed(view));
    }

    private static void check(boolean valid, String complaint) {
        if (!valid) {
            throw new AssertionError(complaint);
        }
    }

    /** What one branch has kept, as counts. */
    private final class Branch {
        final String name;
        final Map<Span, Integer> kept = new HashMap<>();
        final Set<Measure.Distance> references = new HashSet<>();
        final Set<Measure.Distance> pending = new HashSet<>();
        final Set<Measure.Distance> takenOnce = new HashSet<>();

        Branch(String name) {
            this.name = name;
        }

        void spans(StepNumbers view, List<Span> spans, Map<Span, Decision> decisions) {
            layout.checkPartition(spans);
            kept.keySet().retainAll(Set.copyOf(spans));
            Set<Integer> computedSites = new HashSet<>();
            Set<Probe> taken = new HashSet<>();
            boolean all = true;
            for (Span span : spans) {
                take(view, new Probe.Modulated(span.first()));
                Decision decision = decisions.computeIfAbsent(span, key -> run.decide(key, view));
                decision = carryOut(span, decision, view.step());
                decisions.put(span, decision);
                if (decision instanceof Decision.Compute) {
                    for (int site = span.first(); site < span.last(); site++) {
                        computedSites.add(site);
                    }
                    for (Probe.Residuals residuals : residuals(span)) {
                        if (computedSites.containsAll(residuals.sites()) && taken.add(residuals)) {
                            take(view, residuals);
                        }
                    }
                    take(view, new Probe.SpanSum(span));
                } else {
                    all = false;
                }
            }
            end(view, all);
        }

        void call(StepNumbers view, StepPlan.WholeCall plan, Map<Span, Decision> decisions) {
            kept.keySet().retainAll(Set.of(CALL));
            Decision decision = carryOut(CALL, plan.decision(), view.step());
            decisions.put(CALL, decision);
            end(view, decision instanceof Decision.Compute);
        }

        private void end(StepNumbers view, boolean allComputed) {
            if (allComputed) {
                take(view, new Probe.Prediction());
                references.addAll(pending);
            }
            pending.clear();
        }

        private Decision carryOut(Span span, Decision decision, int step) {
            int have = kept.getOrDefault(span, 0);
            if (decision instanceof Decision.Reuse reuse) {
                check(step > 1, "step 1 is reused: " + reuse);
                if (have == 0) {
                    return carryOut(span, Decision.compute(Reason.NOTHING_KEPT), step);
                }
                check(
                        reuse.weights().length <= have,
                        reuse + " in step " + step + ", but " + have + " sums are kept of " + span);
                for (double weight : reuse.weights()) {
                    check(Double.isFinite(weight), "weights are numbers, but " + reuse);
                }
                return reuse;
            }
            Decision.Compute compute = (Decision.Compute) decision;
            kept.put(span, compute.keep() ? Math.min(have + 1, run.history()) : 0);
            return compute;
        }

        private void take(StepNumbers view, Probe probe) {
            for (Measure measure : measures.getOrDefault(probe, Set.of())) {
                if (measure instanceof Measure.Motion motion) {
                    view.add(motion, numbers.motion(view.step(), name, motion));
                } else if (measure instanceof Measure.Distance distance) {
                    if (references.contains(distance)) {
                        view.add(distance, numbers.distance(view.step(), name, distance));
                    }
                    switch (distance.reference()) {
                        case LAST_TAKEN -> references.add(distance);
                        case LAST_BUT_ONE_TAKEN -> (takenOnce.add(distance) ? takenOnce : references).add(distance);
                        case LAST_COMPUTED_STEP -> pending.add(distance);
                    }
                }
            }
        }
    }
}
