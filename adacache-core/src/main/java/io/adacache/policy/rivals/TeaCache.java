package io.adacache.policy.rivals;

import io.adacache.layout.Layout;
import io.adacache.layout.Site;
import io.adacache.layout.Span;
import io.adacache.metric.Measure;
import io.adacache.metric.Metric;
import io.adacache.metric.Probe;
import io.adacache.metric.Reference;
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
import java.util.ArrayList;
import java.util.List;

/**
 * TeaCache: the change of the first block's modulated input, from step to step, is mapped by a polynomial to the change that
 * the output is expected to show, and added up; while the sum is below a threshold the whole stack is reused.
 *
 * <p>{@code sum += P(|m - m'| / |m'|)}, m the modulated input of block 0 and m' that of the step before, whether it was computed
 * or not; {@code sum < threshold} reuses, else computes and sets the sum to 0. First and last steps compute. Source:
 * <em>Timestep Embedding Tells: It's Time to Cache for Video Diffusion Model</em> (arXiv 2411.19108) and TeaCache,
 * {@code eval/teacache/experiments}. The published polynomials belong to their models; a new model needs its own. Different here:
 * a distance that is not a number computes, and state lives in the session instead of the class.
 *
 * @param name what reports show
 * @param threshold on the sum
 * @param polynomial coefficients, highest power first
 * @param first steps at the beginning that are computed
 * @param last steps at the end that are computed
 */
public record TeaCache(String name, double threshold, List<Double> polynomial, int first, int last)
        implements CachePolicy {
    /** Copies the coefficients. */
    public TeaCache {
        polynomial = List.copyOf(polynomial);
        if (polynomial.isEmpty()) {
            throw new IllegalArgumentException("TeaCache needs a polynomial; 1;0 takes the distance as it is");
        }
    }

    @Override
    public PolicyRun begin(Layout layout, Generation generation) {
        if (layout.isOpaque()) {
            throw CachePolicy.needsSites(name);
        }
        return new Run(this, layout, generation.steps());
    }

    /** Returns the polynomial's value. */
    double rescale(double distance) {
        double value = 0;
        for (double coefficient : polynomial) {
            value = value * distance + coefficient;
        }
        return value;
    }

    private static final class Run implements PolicyRun {
        private final TeaCache config;
        private final int steps;
        private final Span stack;
        private final List<Span> plan = new ArrayList<>();
        private final Measure.Distance input;
        private double sum;
        private Figures figures = Figures.none();

        Run(TeaCache config, Layout layout, int steps) {
            this.config = config;
            this.steps = steps;
            int block = layout.sites().stream()
                    .filter(site -> site.kind().isSelfAttention())
                    .mapToInt(Site::index)
                    .findFirst()
                    .orElse(0);
            if (block > 0) {
                plan.add(new Span(0, block));
            }
            stack = new Span(block, layout.sites().size());
            plan.add(stack);
            input = new Measure.Distance(new Probe.Modulated(block), Metric.L1, Reference.LAST_TAKEN);
        }

        @Override
        public List<Measure> measures() {
            return List.of(input);
        }

        @Override
        public StepPlan plan(StepView step) {
            figures = Figures.none();
            return new StepPlan.Spans(plan);
        }

        @Override
        public Decision decide(Span span, StepView step) {
            if (!span.equals(stack)) {
                return Decision.computeOnly(Reason.ALWAYS);
            }
            int s = step.step() - 1;
            double distance = step.distance(input).map(Metric.L1::distance).orElse(Double.NaN);
            boolean forced = s < config.first || s >= steps - config.last;
            sum = forced ? 0 : sum + config.rescale(distance);
            if (step.distance(input).isPresent()) {
                figures = figures.with(Figures.DISTANCE, distance);
            }
            if (!forced) {
                figures = figures.with(Figures.ACCUMULATED, sum).against(sum, config.threshold);
            }
            if (!forced && sum < config.threshold) {
                return Decision.reuse(Reason.THRESHOLD);
            }
            Reason reason = s == 0
                    ? Reason.FIRST
                    : forced ? Reason.FORCED : Double.isFinite(sum) ? Reason.THRESHOLD : Reason.NOT_A_NUMBER;
            sum = 0;
            return Decision.compute(reason);
        }

        @Override
        public List<Figures> completed(StepView step) {
            return figures.asMap().isEmpty() ? List.of() : List.of(figures);
        }
    }

    /** Published polynomials, highest power first. */
    enum Polynomial {
        OPEN_SORA(2.17546007e+02, -1.18329252e+02, 2.68662585e+01, -4.59364272e-02, 4.84426240e-02),
        OPEN_SORA_PLAN(2.05943668e+05, -1.48759286e+04, 3.06085986e+02, 1.31418080e+00, 2.39658469e-03),
        LATTE(-2.46434137e+03, 3.08044764e+02, 8.07447667e+01, -4.11385132e+00, 1.11001402e-01),
        COGVIDEOX_2B(-3.10658903e+01, 2.54732368e+01, -5.92380459e+00, 1.75769064e+00, -3.61568434e-03),
        COGVIDEOX_5B(-1.53880483e+03, 8.43202495e+02, -1.34363087e+02, 7.97131516e+00, -5.23162339e-02),
        HUNYUAN_VIDEO(7.33226126e+02, -4.01131952e+02, 6.75869174e+01, -3.14987800e+00, 9.61237896e-02),
        MOCHI(-3.51241319e+03, 8.11675948e+02, -6.09400215e+01, 2.42429681e+00, 3.05291719e-03),
        LTX(2.14700694e+01, -1.28016453e+01, 2.31279151e+00, 7.92487521e-01, 9.69274326e-03),
        IDENTITY(1.0, 0.0);

        final List<Double> coefficients;

        Polynomial(Double... coefficients) {
            this.coefficients = List.of(coefficients);
        }
    }

    /** Returns the provider. */
    public static PolicyProvider provider() {
        return PolicyProvider.of(
                "teacache",
                "TeaCache: the whole stack, while the accumulated change of its modulated input is small",
                "threshold",
                List.of(
                        Setting.of("threshold", 0.1, "on the accumulated change; published: 0.1 slow, 0.2 fast"),
                        Setting.unset(
                                "model",
                                "whose polynomial: open-sora (default up to 39 steps), latte (40 to 99), open-sora-plan (from"
                                        + " 100), cogvideox-2b, cogvideox-5b, hunyuan-video, mochi, ltx, identity"),
                        Setting.unset("polynomial", "coefficients, highest power first, as 2;0.5;0; instead of model"),
                        Setting.of("first", 1, "steps at the beginning that are computed"),
                        Setting.of("last", 1, "steps at the end that are computed")),
                TeaCache::create);
    }

    private static CachePolicy create(Settings settings) {
        Polynomial published = settings.isGiven("model")
                ? settings.choice("model", Polynomial.class)
                : Polynomial.valueOf(Published.of(settings).name());
        return new TeaCache(
                settings.label(),
                settings.number("threshold"),
                settings.isGiven("polynomial") ? settings.numbers("polynomial") : published.coefficients,
                settings.integer("first"),
                settings.integer("last"));
    }
}
