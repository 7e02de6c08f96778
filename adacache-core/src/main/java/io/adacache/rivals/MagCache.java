package io.adacache.rivals;

import io.adacache.layout.Layout;
import io.adacache.layout.Part;
import io.adacache.layout.Span;
import io.adacache.policy.CachePolicy;
import io.adacache.policy.Decision;
import io.adacache.policy.Decision.Reason;
import io.adacache.policy.Figures;
import io.adacache.policy.Generation;
import io.adacache.policy.PolicyProvider;
import io.adacache.policy.PolicyRun;
import io.adacache.policy.Setting;
import io.adacache.policy.Settings;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * MagCache: known ratios of the residual's magnitude from step to step tell how much a reused residual is off; the whole stack
 * is reused while the accumulated error is small.
 *
 * <p>From step {@code retention * steps} on: {@code a *= ratio; k += 1; e += |1 - a|}; reuses if {@code e <= threshold} and
 * {@code k <= maxInRow}, else computes and sets {@code a = 1, k = 0, e = 0}. Nothing is measured: the ratios come from one earlier
 * generation of the same model; for another number of steps the nearest are taken. Source: <em>MagCache: Fast Video Generation
 * with Magnitude-Aware Cache</em> (arXiv 2506.09045) and {@code eval/magcache/experiments/opensora.py}.
 */
final class MagCache implements CachePolicy {
    private static final Setting<Double> THRESHOLD =
            Scope.threshold("on the accumulated error").or(0.12);
    private static final Setting<Integer> MAX_IN_ROW =
            Scope.atLeast(0, "max-in-row", "most reused steps in a row").or(3);
    private static final Setting<Double> RETENTION = Setting.number(
                    "retention", "share of steps at the beginning that are computed")
            .where(share -> share >= 0 && share < 1, "from 0 to less than 1")
            .or(0.2);
    private static final Setting<List<Double>> RATIOS = Setting.numbers(
                    "ratios", "magnitude of the residual over that of the step before, from the second step on")
            .where(ratios -> !ratios.isEmpty(), "one per step from the second")
            .ofModel();

    private final String name;
    private final double threshold;
    private final int maxInRow;
    private final double retention;
    private final List<Double> ratios;

    private MagCache(Settings settings) {
        name = settings.policy();
        threshold = settings.get(THRESHOLD);
        maxInRow = settings.get(MAX_IN_ROW);
        retention = settings.get(RETENTION);
        ratios = settings.get(RATIOS);
    }

    static PolicyProvider provider() {
        return PolicyProvider.of(
                "magcache",
                "MagCache: the whole stack, while the error that known magnitude ratios predict is small",
                THRESHOLD,
                List.of(THRESHOLD, MAX_IN_ROW, RETENTION, RATIOS),
                MagCache::new);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Set<Requirement> requirements() {
        return Set.of(Requirement.SITES);
    }

    @Override
    public PolicyRun begin(Layout layout, Generation generation) {
        int steps = generation.steps();
        return new Run(layout.stack(), new Forced(name, (int) (retention * steps), 0, steps));
    }

    /** Returns the ratio of a step, from 1 (the second). */
    private double ratio(int step, int steps) {
        if (steps - 1 == ratios.size()) {
            return ratios.get(step - 1);
        }
        double place = steps < 3 ? ratios.size() - 1 : (step - 1) * (double) (ratios.size() - 1) / (steps - 2);
        return ratios.get((int) Math.rint(place));
    }

    private final class Run implements Forecasting.OfOnePart {
        private final Span stack;
        private final Forced forced;
        private double scale = 1;
        private int inRow;
        private double error;
        private Figures figures = Figures.none();

        Run(Span stack, Forced forced) {
            this.stack = stack;
            this.forced = forced;
        }

        @Override
        public Part reused() {
            return stack;
        }

        @Override
        public List<String> warnings() {
            List<String> warnings = new ArrayList<>(forced.warnings());
            if (forced.steps() > 1 && forced.steps() - 1 != ratios.size()) {
                warnings.add("Policy '" + name + "' has the " + ratios.size() + " ratios of a generation of "
                        + (ratios.size() + 1) + " steps; for these " + forced.steps() + " steps the nearest are taken");
            }
            return warnings;
        }

        @Override
        public Decision decide(Part part, StepView step) {
            int s = step.step() - 1;
            figures = Figures.none();
            if (s == 0) {
                return Decision.compute(Reason.FIRST);
            }
            if (forced.contains(s)) {
                return Decision.compute(Reason.WARM_UP);
            }
            scale *= ratio(s, forced.steps());
            inRow++;
            error += Math.abs(1 - scale);
            figures = Figures.none().with(Figures.ACCUMULATED, error).against(error, threshold);
            if (error <= threshold && inRow <= maxInRow) {
                return Decision.reuse(Reason.THRESHOLD);
            }
            Reason reason = error <= threshold ? Reason.CAP : Reason.THRESHOLD;
            scale = 1;
            inRow = 0;
            error = 0;
            return Decision.compute(reason);
        }

        @Override
        public List<Figures> completed(StepView step) {
            return figures.asMap().isEmpty() ? List.of() : List.of(figures);
        }
    }
}
