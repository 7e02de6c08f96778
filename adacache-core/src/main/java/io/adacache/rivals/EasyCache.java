package io.adacache.rivals;

import io.adacache.layout.Layout;
import io.adacache.layout.Part;
import io.adacache.metric.Measure;
import io.adacache.metric.Measure.Reference;
import io.adacache.metric.Metric;
import io.adacache.metric.Probe;
import io.adacache.metric.Sums;
import io.adacache.metric.Sums.Rows;
import io.adacache.policy.CachePolicy;
import io.adacache.policy.Decision;
import io.adacache.policy.Figures;
import io.adacache.policy.Generation;
import io.adacache.policy.PolicyProvider;
import io.adacache.policy.PolicyRun;
import io.adacache.policy.Setting;
import io.adacache.policy.Settings;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * EasyCache: looks at the model from outside. How fast the prediction changes with the latent is known from computed steps; while
 * the change that the latent's own change predicts is small, the call is skipped and the last change of the latent is repeated.
 *
 * <p>At computed steps {@code k = |v - v'| / |x - x'|}, v the prediction and x the latent, v' and x' those of the computed step
 * before. At the others {@code e += k |x - x''| / |v'|}, x'' the latent of the step before; {@code e < threshold} returns
 * {@code x + (v' - x')}, else computes and sets e to 0. Works on opaque models. Of latents only
 * differences are looked at, so channels that stay (the picture of an image-to-video model) add nothing. Source: <em>Less is Enough: Training-Free Video
 * Diffusion Acceleration via Runtime-Adaptive Caching</em> (arXiv 2507.02860) and {@code EasyCache4HunyuanVideo}. Different here:
 * with separate guidance branches the figures of computed steps are those of all branches, the decision is the first one's; and
 * steps are computed until k is known.
 */
final class EasyCache implements CachePolicy {
    private static final Setting<Double> THRESHOLD = Scope.threshold(
                    "on the accumulated change; published: 0.05 Wan, 0.025 Hunyuan")
            .or(0.05);
    private static final Setting<Integer> FIRST = Scope.atLeast(
            0, "first", "steps at the beginning that are computed; default: a fifth of the steps, at least 2");

    private static final Measure.Distance LATENT_STEP =
            new Measure.Distance(new Probe.Latent(), Metric.L1, Reference.LAST_TAKEN);
    private static final Measure.Distance LATENT_COMPUTED =
            new Measure.Distance(new Probe.Latent(), Metric.L1, Reference.LAST_COMPUTED_STEP);
    private static final Measure.Distance PREDICTION =
            new Measure.Distance(new Probe.Prediction(), Metric.L1, Reference.LAST_COMPUTED_STEP);

    private final String name;
    private final double threshold;
    private final double bend;
    private final Optional<Integer> first;
    private final Rows rows;

    private EasyCache(Settings settings) {
        name = settings.policy();
        threshold = settings.get(THRESHOLD);
        bend = settings.get(AccumulatingRun.BEND);
        first = settings.find(FIRST);
        rows = settings.get(Scope.ROWS);
    }

    static PolicyProvider provider() {
        return PolicyProvider.of(
                "easycache",
                "EasyCache: the whole call, from outside; works on opaque models",
                THRESHOLD,
                List.of(THRESHOLD, FIRST, Scope.ROWS, AccumulatingRun.BEND),
                EasyCache::new);
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
        int steps = generation.steps();
        int beginning = first.orElse(Math.max(2, steps / 5));
        return new Run(threshold, bend, new Forced(name, beginning, 1, steps).check(first.isPresent()), rows);
    }

    private static final class Run extends AccumulatingRun implements Forecasting.OfOnePart {
        /** Change of the prediction per change of the latent, over the magnitude of the last prediction. */
        private Change relativeSlope = Change.known(Double.NaN);

        private boolean computes;

        Run(double threshold, double bend, Forced forced, Rows rows) {
            super(threshold, bend, forced, rows);
        }

        @Override
        public Part reused() {
            return Part.Call.CHANGE;
        }

        @Override
        public List<Measure> measures() {
            return List.of(LATENT_STEP, LATENT_COMPUTED, PREDICTION);
        }

        @Override
        public Decision decide(Part part, StepView step) {
            Change change = expected(Change.of(step.distance(LATENT_STEP), sums -> sums.total()[0] / sums.rows()));
            Decision decision = accumulate(step.step() - 1, change, Figures.none());
            computes = decision instanceof Decision.Compute;
            return decision;
        }

        /** The rows of the branch that is called first come first in what was measured of all branches. */
        private Change expected(Change latent) {
            double[] rows = latent.rows().clone();
            for (int row = 0; row < rows.length; row++) {
                rows[row] *= row < relativeSlope.rows().length ? relativeSlope.rows()[row] : Double.NaN;
            }
            return new Change(relativeSlope.together() * latent.together(), rows);
        }

        @Override
        public List<Figures> completed(StepView step) {
            Optional<Sums> latent = step.distance(LATENT_COMPUTED);
            Optional<Sums> prediction = step.distance(PREDICTION);
            if (computes && latent.isPresent() && prediction.isPresent()) {
                List<Sums> latents = latent.get().perRow();
                List<Sums> predictions = prediction.get().perRow();
                boolean apart = latents.size() > 1 && latents.size() == predictions.size();
                double[] rows = IntStream.range(0, apart ? latents.size() : 0)
                        .mapToDouble(row -> slope(latents.get(row), predictions.get(row)))
                        .toArray();
                relativeSlope = new Change(slope(latent.get(), prediction.get()), rows);
            }
            return super.completed(step);
        }

        private static double slope(Sums latent, Sums prediction) {
            double[] change = prediction.total();
            double magnitude = change[2] / prediction.rows();
            return change[0] / latent.total()[0] / magnitude;
        }
    }
}
