package io.adacache.policy.rivals;

import io.adacache.layout.Layout;
import io.adacache.layout.Span;
import io.adacache.policy.CachePolicy;
import io.adacache.policy.Decision;
import io.adacache.policy.Figures;
import io.adacache.policy.Generation;
import io.adacache.policy.PolicyProvider;
import io.adacache.policy.PolicyRun;
import io.adacache.policy.Reason;
import io.adacache.policy.Setting;
import io.adacache.policy.Settings;
import io.adacache.policy.StepPlan;
import io.adacache.policy.StepView;
import java.util.List;

/**
 * MagCache: known ratios of the residual's magnitude from step to step tell how much a reused residual is off; the whole stack
 * is reused while the accumulated error is small.
 *
 * <p>From step {@code retention * steps} on: {@code a *= ratio; k += 1; e += |1 - a|}; reuses if {@code e <= threshold} and
 * {@code k <= maxInRow}, else computes and sets {@code a = 1, k = 0, e = 0}. Nothing is measured: the ratios come from one earlier
 * generation of the same model. Source: <em>MagCache: Fast Video Generation with Magnitude-Aware Cache</em> (arXiv 2506.09045) and
 * {@code eval/magcache/experiments/opensora.py}. The published ratios are Open-Sora's; a new model needs its own.
 *
 * @param name what reports show
 * @param threshold on the accumulated error
 * @param maxInRow most reused steps in a row
 * @param retention share of steps at the beginning that are computed
 * @param ratios magnitude over that of the step before, from the second step on; other numbers of steps take the nearest
 */
public record MagCache(String name, double threshold, int maxInRow, double retention, List<Double> ratios)
        implements CachePolicy {
    /** Open-Sora 1.2, 30 steps: the squares of the ratios, as published. */
    private static final List<Double> OPEN_SORA_SQUARES = List.of(
            0.93359, 0.96484, 0.99609, 1.0, 0.99609, 0.99609, 0.99219, 1.0, 1.0, 0.99609, 0.99219, 1.0, 0.99219,
            0.99609, 0.99219, 0.99609, 0.99609, 0.99609, 0.99219, 0.99219, 0.99219, 0.98828, 0.98828, 0.98438, 0.98438,
            0.97656, 0.97656, 0.96484, 0.96484);

    /** Copies the ratios. */
    public MagCache {
        ratios = List.copyOf(ratios);
        if (ratios.isEmpty()) {
            throw new IllegalArgumentException(
                    "MagCache needs the ratios of a generation, one per step from the second");
        }
    }

    @Override
    public PolicyRun begin(Layout layout, Generation generation) {
        if (layout.isOpaque()) {
            throw CachePolicy.needsSites(name);
        }
        return new Run(this, layout.stack(), generation.steps());
    }

    /** Returns the ratio of a step, from 1 (the second). */
    double ratio(int step, int steps) {
        if (steps - 1 == ratios.size()) {
            return ratios.get(step - 1);
        }
        double place = steps < 3 ? ratios.size() - 1 : (step - 1) * (double) (ratios.size() - 1) / (steps - 2);
        return ratios.get((int) Math.rint(place));
    }

    private static final class Run implements PolicyRun {
        private final MagCache config;
        private final Span stack;
        private final int steps;
        private double scale = 1;
        private int inRow;
        private double error;
        private Figures figures = Figures.none();

        Run(MagCache config, Span stack, int steps) {
            this.config = config;
            this.stack = stack;
            this.steps = steps;
        }

        @Override
        public StepPlan plan(StepView step) {
            return new StepPlan.Spans(List.of(stack));
        }

        @Override
        public Decision decide(Span span, StepView step) {
            int s = step.step() - 1;
            figures = Figures.none();
            if (s == 0) {
                return Decision.compute(Reason.FIRST);
            }
            if (s < (int) (config.retention * steps)) {
                return Decision.compute(Reason.WARM_UP);
            }
            scale *= config.ratio(s, steps);
            inRow++;
            error += Math.abs(1 - scale);
            figures = Figures.none().with(Figures.ACCUMULATED, error).against(error, config.threshold);
            if (error <= config.threshold && inRow <= config.maxInRow) {
                return Decision.reuse(Reason.THRESHOLD);
            }
            Reason reason = error <= config.threshold ? Reason.CAP : Reason.THRESHOLD;
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

    /** Returns the provider. */
    public static PolicyProvider provider() {
        return PolicyProvider.of(
                "magcache",
                "MagCache: the whole stack, while the error that known magnitude ratios predict is small",
                "threshold",
                List.of(
                        Setting.of("threshold", 0.12, "on the accumulated error"),
                        Setting.of("max-in-row", 3, "most reused steps in a row"),
                        Setting.of("retention", 0.2, "share of steps at the beginning that are computed"),
                        Setting.unset("ratios", "magnitude ratios from the second step on; default: Open-Sora's")),
                MagCache::create);
    }

    private static CachePolicy create(Settings settings) {
        return new MagCache(
                settings.label(),
                settings.number("threshold"),
                settings.integer("max-in-row"),
                settings.number("retention"),
                settings.isGiven("ratios")
                        ? settings.numbers("ratios")
                        : OPEN_SORA_SQUARES.stream().map(Math::sqrt).toList());
    }
}
