package io.adacache.rivals;

import io.adacache.layout.Layout;
import io.adacache.layout.Part;
import io.adacache.policy.CachePolicy;
import io.adacache.policy.Decision;
import io.adacache.policy.Decision.Reason;
import io.adacache.policy.Generation;
import io.adacache.policy.PolicyProvider;
import io.adacache.policy.PolicyRun;
import io.adacache.policy.Setting;
import io.adacache.policy.Settings;
import io.adacache.policy.Settings.Range;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * MeanCache: whole calls, at steps that a search over many generations found, and between them the mean velocity of a window of steps.
 *
 * <p>{@code v = v_last + (h / H) (mean - v_first)}: v_first and v_last the predictions that were used at both ends of the last {@code
 * window} steps, H their length, mean their mean weighted by length, h the present length. Used predictions are computed ones or such
 * forecasts, so all are weights over computed ones. Source: MeanCache (arXiv 2601.19961) and UnicomAI/MeanCache, whose schedules for 50
 * steps are the values of {@code calls}; for other numbers of steps they are stretched. There the mean follows from two latents, which
 * is the same under Euler steps; each branch forecasts its own prediction, which is the same while guidance is linear.
 */
final class MeanCache implements CachePolicy {
    private static final int PUBLISHED_STEPS = 50;
    /** Weights below it count as none: rounding. */
    private static final double NOTHING = 1e-9;
    /** Steps from 0 of 50: Qwen-Image-2512 (25, 17, 10) and Z-Image (20, 15, 13). */
    private static final Map<Integer, String> PUBLISHED = Map.of(
            25, "0-15;23;31;37;44-49",
            20, "0-4;6;8;10;12;14;16;18;20;22;30;38;43;46;48;49",
            17, "0-9;11;19;27;35;43;47;49",
            15, "0-3;5;7;10;12;17;25;33;41;45;48;49",
            13, "0-3;5;9;15;22;29;36;43;47;49",
            10, "0;2;4;7;14;21;28;35;42;49");

    private static final Setting<Integer> CALLS = Setting.integer(
                    "calls", "the published schedule of so many of 50 steps: 25, 20, 17, 15, 13, 10")
            .where(PUBLISHED::containsKey, "one of 25, 20, 17, 15, 13, 10")
            .or(17);
    private static final Setting<List<Range>> COMPUTED =
            Setting.ranges("computed", "steps from 1 that are computed, as 1-3;5;8, instead of a published schedule");
    private static final Setting<Integer> WINDOW = Scope.atLeast(
                    1, "window", "steps that the mean is taken of; 1 repeats")
            .or(2);

    private final String name;
    private final int calls;
    private final Optional<List<Range>> computed;
    private final int window;

    private MeanCache(Settings settings) {
        name = settings.policy();
        calls = settings.get(CALLS);
        computed = settings.find(COMPUTED);
        window = settings.get(WINDOW);
        computed.ifPresent(ranges -> Scope.check(
                ranges.stream().anyMatch(range -> range.contains(1))
                        && ranges.stream().allMatch(range -> range.first() >= 1),
                name,
                "computed counts steps from 1, and step 1 must be one of them"));
    }

    static PolicyProvider provider() {
        return PolicyProvider.of(
                "meancache",
                "MeanCache: whole calls at searched steps, mean velocities between; works on opaque models",
                CALLS,
                List.of(CALLS, COMPUTED, WINDOW),
                MeanCache::new);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Set<Requirement> requirements() {
        return Set.of();
    }

    @Override
    public PolicyRun begin(Layout layout, Generation generation) {
        return new Run(schedule(generation.steps()), generation);
    }

    /** Returns the computed steps, from 1. */
    private NavigableSet<Integer> schedule(int steps) {
        NavigableSet<Integer> all = new TreeSet<>();
        if (computed.isPresent()) {
            for (Range range : computed.get()) {
                Scope.check(range.last() <= steps, name, "computed names steps beyond the " + steps + " announced");
                for (int step = range.first(); step <= range.last(); step++) {
                    all.add(step);
                }
            }
            return all;
        }
        for (String part : Objects.requireNonNull(PUBLISHED.get(calls)).split(";")) {
            Range range = Range.parse(part);
            for (int step = range.first(); step <= range.last(); step++) {
                all.add(1 + (int) Math.round(step * (steps - 1.0) / (PUBLISHED_STEPS - 1)));
            }
        }
        return all;
    }

    /** A generation, thought through when it begins: all weights follow from schedule and noise levels. */
    private final class Run implements PolicyRun {
        private final double[] lengths;
        /** What is used in each step, as weights over all computed steps so far, oldest first. */
        private final List<double[]> used = new ArrayList<>();
        /** The weights of kept predictions in each reused step, newest first; null where a step is computed. */
        private final List<double @Nullable []> reused = new ArrayList<>();

        private int history = 1;

        Run(NavigableSet<Integer> schedule, Generation generation) {
            this.lengths = new double[generation.steps()];
            for (int i = 0; i < lengths.length; i++) {
                double way = generation.way(i);
                lengths[i] = way > 0 ? way : 1;
            }
            int computed = 0;
            for (int step = 0; step < lengths.length; step++) {
                boolean computes = schedule.contains(step + 1);
                computed += computes ? 1 : 0;
                double[] weights = new double[computed];
                if (computes) {
                    weights[computed - 1] = 1;
                } else {
                    forecast(step, weights);
                }
                used.add(weights);
                reused.add(computes ? null : newestFirst(weights));
            }
        }

        private void forecast(int now, double[] weights) {
            int from = Math.max(0, now - window);
            double whole = 0;
            for (int i = from; i < now; i++) {
                whole += lengths[i];
            }
            double ahead = lengths[now] / whole;
            add(weights, 1, used.get(now - 1));
            add(weights, -ahead, used.get(from));
            for (int i = from; i < now; i++) {
                add(weights, ahead * lengths[i] / whole, used.get(i));
            }
        }

        private void add(double[] weights, double factor, double[] other) {
            for (int i = 0; i < other.length; i++) {
                weights[i] += factor * other[i];
            }
        }

        private double[] newestFirst(double[] weights) {
            int oldest = 0;
            while (oldest < weights.length - 1 && Math.abs(weights[oldest]) < NOTHING) {
                oldest++;
            }
            double[] newestFirst = new double[weights.length - oldest];
            for (int i = 0; i < newestFirst.length; i++) {
                newestFirst[i] = weights[weights.length - 1 - i];
            }
            history = Math.max(history, newestFirst.length);
            return newestFirst;
        }

        @Override
        public int history() {
            return history;
        }

        @Override
        public List<Part> plan(StepView step) {
            return List.of(Part.Call.PREDICTION);
        }

        @Override
        public Decision decide(Part part, StepView step) {
            double[] weights = reused.get(step.step() - 1);
            return weights == null
                    ? Decision.compute(step.step() == 1 ? Reason.FIRST : Reason.SCHEDULE)
                    : new Decision.Reuse(Reason.SCHEDULE, weights);
        }
    }
}
