package io.adacache.policy.rivals;

import io.adacache.layout.Layout;
import io.adacache.layout.Span;
import io.adacache.metric.Measure;
import io.adacache.metric.Metric;
import io.adacache.metric.Probe;
import io.adacache.metric.Reference;
import io.adacache.metric.Sums;
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
import java.util.Optional;

/**
 * EasyCache: looks at the model from outside. How fast the prediction changes with the latent is known from computed steps; while
 * the change that the latent's own change predicts is small, the call is skipped and the last change of the latent is repeated.
 *
 * <p>At computed steps {@code k = |v - v'| / |x - x'|}, v the prediction and x the latent, v' and x' those of the computed step
 * before. At the others {@code e += k |x - x''| / |v'|}, x'' the latent of the step before; {@code e < threshold} returns
 * {@code x + (v' - x')}, else computes and sets e to 0. Works on opaque models. Source: <em>Less is Enough: Training-Free Video
 * Diffusion Acceleration via Runtime-Adaptive Caching</em> (arXiv 2507.02860) and {@code EasyCache4HunyuanVideo}. Different here:
 * with separate guidance branches the figures of computed steps are those of all branches, the decision is the first one's; and
 * steps are computed until k is known.
 *
 * @param name what reports show
 * @param threshold on the accumulated change
 * @param first steps at the beginning that are computed
 */
public record EasyCache(String name, double threshold, int first) implements CachePolicy {
    private static final Measure.Distance LATENT_STEP =
            new Measure.Distance(new Probe.Latent(), Metric.L1, Reference.LAST_TAKEN);
    private static final Measure.Distance LATENT_COMPUTED =
            new Measure.Distance(new Probe.Latent(), Metric.L1, Reference.LAST_COMPUTED_STEP);
    private static final Measure.Distance PREDICTION =
            new Measure.Distance(new Probe.Prediction(), Metric.L1, Reference.LAST_COMPUTED_STEP);

    @Override
    public PolicyRun begin(Layout layout, Generation generation) {
        return new Run(this, generation.steps());
    }

    private static final class Run implements PolicyRun {
        private final EasyCache config;
        private final int steps;
        /** Change of the prediction per change of the latent, over the magnitude of the last prediction; sums per batch row. */
        private double relativeSlope = Double.NaN;

        private double error;
        private boolean computes;
        private Figures figures = Figures.none();

        Run(EasyCache config, int steps) {
            this.config = config;
            this.steps = steps;
        }

        @Override
        public List<Measure> measures() {
            return List.of(LATENT_STEP, LATENT_COMPUTED, PREDICTION);
        }

        @Override
        public StepPlan plan(StepView step) {
            Decision decision = decide(step);
            computes = decision instanceof Decision.Compute;
            return new StepPlan.WholeCall(decision, StepPlan.Kept.CHANGE);
        }

        private Decision decide(StepView step) {
            int s = step.step() - 1;
            boolean forced = s < config.first || s >= steps - 1;
            double change = step.distance(LATENT_STEP)
                    .map(sums -> sums.total()[0] / sums.rows())
                    .orElse(Double.NaN);
            error = forced ? 0 : error + relativeSlope * change;
            figures = forced
                    ? Figures.none()
                    : Figures.none().with(Figures.ACCUMULATED, error).against(error, config.threshold);
            if (!forced && error < config.threshold) {
                return Decision.reuse(Reason.THRESHOLD);
            }
            Reason reason = s == 0
                    ? Reason.FIRST
                    : forced ? Reason.FORCED : Double.isFinite(error) ? Reason.THRESHOLD : Reason.NOT_A_NUMBER;
            error = 0;
            return Decision.compute(reason);
        }

        @Override
        public Decision decide(Span span, StepView step) {
            throw new IllegalStateException("EasyCache decides whole calls");
        }

        @Override
        public List<Figures> completed(StepView step) {
            Optional<Sums> latent = step.distance(LATENT_COMPUTED);
            Optional<Sums> prediction = step.distance(PREDICTION);
            if (computes && latent.isPresent() && prediction.isPresent()) {
                double[] change = prediction.get().total();
                double magnitude = change[2] / prediction.get().rows();
                relativeSlope = change[0] / latent.get().total()[0] / magnitude;
            }
            return figures.asMap().isEmpty() ? List.of() : List.of(figures);
        }
    }

    /** Returns the provider. */
    public static PolicyProvider provider() {
        return PolicyProvider.of(
                "easycache",
                "EasyCache: the whole call, from outside; works on opaque models",
                "threshold",
                List.of(
                        Setting.of("threshold", 0.05, "on the accumulated change; published: 0.05 Wan, 0.025 Hunyuan"),
                        Setting.unset(
                                "first", "steps at the beginning that are computed; default: a fifth of the steps")),
                EasyCache::create);
    }

    private static CachePolicy create(Settings settings) {
        return new EasyCache(
                settings.label(),
                settings.number("threshold"),
                settings.isGiven("first") ? settings.integer("first") : Math.max(2, settings.steps() / 5));
    }
}
