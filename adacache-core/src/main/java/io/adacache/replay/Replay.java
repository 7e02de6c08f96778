package io.adacache.replay;

import io.adacache.event.SpanRecord;
import io.adacache.event.StepRecord;
import io.adacache.layout.Layout;
import io.adacache.layout.Span;
import io.adacache.metric.Measure;
import io.adacache.metric.Probe;
import io.adacache.metric.Reference;
import io.adacache.policy.CachePolicy;
import io.adacache.policy.Decision;
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
import org.jspecify.annotations.Nullable;

/**
 * Runs a policy without a model: the same calls in the same order as a session makes them, on numbers from elsewhere.
 *
 * <p>The numbers of a {@link Recording} come from an uncached generation, so a replayed schedule can differ from a live one:
 * there, reuse changes the latents and with them what is measured.
 */
public final class Replay {
    private final Layout layout;
    private final Generation generation;
    private final PolicyRun run;
    private final Measurements numbers;
    private final Map<String, Branch> branches = new HashMap<>();

    private Replay(CachePolicy policy, Layout layout, Generation generation, Measurements numbers) {
        this.layout = layout;
        this.generation = generation;
        this.run = policy.begin(layout, generation);
        this.numbers = numbers;
        generation.branches().forEach(name -> branches.put(name, new Branch(name)));
    }

    /** Returns the schedule of a policy on a recorded generation. Throws as {@link #schedule}. */
    public static Schedule on(Recording recording, CachePolicy policy) {
        return schedule(policy, recording.layout(), recording.generation(), recording);
    }

    /**
     * Returns the schedule of a policy.
     *
     * @throws IllegalArgumentException if the policy does not work with the layout or generation, or needs numbers that there
     *     are not
     */
    public static Schedule schedule(CachePolicy policy, Layout layout, Generation generation, Measurements numbers) {
        Replay replay = new Replay(policy, layout, generation, numbers);
        List<StepRecord> steps = new ArrayList<>();
        for (int step = 1; step <= generation.steps(); step++) {
            steps.add(replay.step(step));
        }
        return new Schedule(policy.name(), layout, steps);
    }

    private StepRecord step(int number) {
        StepNumbers view = new StepNumbers(number);
        StepPlan plan = null;
        Map<Span, Decision> decisions = new LinkedHashMap<>();
        for (String name : generation.branches()) {
            if (!run.needs(name, number)) {
                continue;
            }
            Branch branch = branches.get(name);
            branch.take(view, new Probe.Latent());
            if (plan == null) {
                plan = run.plan(view);
            }
            if (plan instanceof StepPlan.Spans spans) {
                branch.through(view, spans.spans(), decisions);
            } else if (plan instanceof StepPlan.WholeCall call) {
                branch.wholeCall(view, call, decisions);
            }
        }
        List<SpanRecord> records = new ArrayList<>();
        decisions.forEach((span, decision) -> records.add(new SpanRecord(
                span.equals(Branch.CALL) ? null : span, decision instanceof Decision.Compute, decision.reason())));
        return new StepRecord(number, records, run.completed(view), 0, 0, 0);
    }

    /** What a branch has kept, and in which steps its probes were last taken. */
    private final class Branch {
        static final Span CALL = new Span(0, Integer.MAX_VALUE);

        private final String name;
        private final Set<Span> kept = new HashSet<>();
        private final Map<Probe, Integer> lastTaken = new HashMap<>();
        private final Map<Probe, Integer> lastButOneTaken = new HashMap<>();
        private final Map<Probe, Integer> lastComputedStep = new HashMap<>();
        private final Map<Probe, Integer> pending = new HashMap<>();

        Branch(String name) {
            this.name = name;
        }

        void through(StepNumbers view, List<Span> spans, Map<Span, Decision> decisions) {
            layout.checkPartition(spans);
            kept.retainAll(new HashSet<>(spans));
            Set<Integer> computedSites = new HashSet<>();
            Set<Probe> taken = new HashSet<>();
            boolean all = true;
            for (Span span : spans) {
                take(view, new Probe.Modulated(span.first()));
                Decision wanted = decisions.containsKey(span) ? decisions.get(span) : run.decide(span, view);
                Decision decision = carryOut(span, wanted);
                decisions.put(span, decision);
                if (decision instanceof Decision.Compute) {
                    for (int site = span.first(); site < span.last(); site++) {
                        computedSites.add(site);
                    }
                    run.measures().stream()
                            .map(Measure::probe)
                            .filter(probe -> probe instanceof Probe.Residuals residuals
                                    && computedSites.containsAll(residuals.sites()))
                            .distinct()
                            .filter(taken::add)
                            .forEach(probe -> take(view, probe));
                    take(view, new Probe.SpanSum(span));
                } else {
                    all = false;
                }
            }
            end(view, all);
        }

        void wholeCall(StepNumbers view, StepPlan.WholeCall plan, Map<Span, Decision> decisions) {
            kept.retainAll(Set.of(CALL));
            Decision decision = carryOut(CALL, plan.decision());
            decisions.put(CALL, decision);
            end(view, decision instanceof Decision.Compute);
        }

        private void end(StepNumbers view, boolean allComputed) {
            if (allComputed) {
                take(view, new Probe.Prediction());
                lastComputedStep.putAll(pending);
            }
            pending.clear();
        }

        private Decision carryOut(Span span, Decision decision) {
            if (decision instanceof Decision.Reuse && !kept.contains(span)) {
                return carryOut(span, Decision.compute(Reason.NOTHING_KEPT));
            }
            if (decision instanceof Decision.Compute compute) {
                if (compute.keep()) {
                    kept.add(span);
                } else {
                    kept.remove(span);
                }
            }
            return decision;
        }

        private Map<Probe, Integer> references(Reference reference) {
            return switch (reference) {
                case LAST_TAKEN -> lastTaken;
                case LAST_BUT_ONE_TAKEN -> lastButOneTaken;
                case LAST_COMPUTED_STEP -> lastComputedStep;
            };
        }

        private void take(StepNumbers view, Probe probe) {
            boolean wanted = false;
            for (Measure measure : new LinkedHashSet<>(run.measures())) {
                if (!measure.probe().equals(probe)) {
                    continue;
                }
                wanted = true;
                if (measure instanceof Measure.Distance distance) {
                    @Nullable Integer then = references(distance.reference()).get(probe);
                    if (then != null) {
                        view.add(distance, numbers.distance(distance, name, view.step(), then));
                    }
                } else if (measure instanceof Measure.Motion motion) {
                    view.add(motion, numbers.motion(motion, name, view.step()));
                }
            }
            if (wanted) {
                Integer last = lastTaken.put(probe, view.step());
                if (last != null) {
                    lastButOneTaken.put(probe, last);
                }
                pending.put(probe, view.step());
            }
        }
    }
}
