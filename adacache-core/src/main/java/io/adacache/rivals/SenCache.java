package io.adacache.rivals;

import io.adacache.layout.Layout;
import io.adacache.layout.Part;
import io.adacache.layout.Span;
import io.adacache.metric.Measure;
import io.adacache.metric.Measure.Reference;
import io.adacache.metric.Metric;
import io.adacache.metric.Probe;
import io.adacache.policy.CachePolicy;
import io.adacache.policy.Decision;
import io.adacache.policy.Decision.Reason;
import io.adacache.policy.Figures;
import io.adacache.policy.Generation;
import io.adacache.policy.PolicyProvider;
import io.adacache.policy.PolicyRun;
import io.adacache.policy.Setting;
import io.adacache.policy.Settings;
import java.util.List;
import java.util.Set;

/**
 * SenCache: the stack is reused while the model's known sensitivity to latent and noise level says that the prediction has changed
 * little.
 *
 * <p>{@code alpha_x |z - z_c| + alpha_t |t - t_c| < threshold} and fewer than {@code max-in-row} reused in a row; z_c and t_c of the last
 * computed step, the alphas of that step. Source: SenCache (arXiv 2602.24208) and {@code vita-epfl/SenCache: Wan2.1/sencache.py}. The
 * alphas are a constant of the model (measured there with three or four calls per step on noised videos). Different here: a policy does
 * not know how many elements a latent has, so the threshold stands for theirs times the root of that number.
 */
final class SenCache implements CachePolicy {
    private static final Setting<Double> THRESHOLD =
            Scope.threshold("on the expected change of the prediction").or(1);
    private static final Setting<Double> START = Setting.number(
                    "start-threshold", "the same in the first fifth of the steps; default: a tenth")
            .where(value -> value >= 0, "0 or more");
    private static final Setting<Integer> MAX_IN_ROW = Scope.atLeast(
                    1, "max-in-row", "most reused steps in a row; published: 3, 4, 10")
            .or(3);
    private static final Setting<List<Double>> ALPHA_X =
            alphas("alpha-x", "change of the prediction per change of the latent");
    private static final Setting<List<Double>> ALPHA_T =
            alphas("alpha-t", "change of the prediction per timestep of 1000");
    private static final Setting<Integer> FIRST = Scope.atLeast(1, "first", "steps at the beginning that are computed")
            .or(1);
    private static final Setting<Integer> LAST =
            Scope.atLeast(0, "last", "steps at the end that are computed").or(1);

    private static final Measure.Distance MOVED =
            new Measure.Distance(new Probe.Latent(), Metric.L2, Reference.LAST_COMPUTED_STEP);

    private static final int START_SHARE = 5;
    private static final double START_FACTOR = 0.1;

    private final String name;
    private final double threshold;
    private final double startThreshold;
    private final int maxInRow;
    private final List<Double> alphaX;
    private final List<Double> alphaT;
    private final int first;
    private final int last;
    private final boolean forcedGiven;

    private SenCache(Settings settings) {
        name = settings.policy();
        threshold = settings.get(THRESHOLD);
        startThreshold = settings.find(START).orElse(START_FACTOR * threshold);
        maxInRow = settings.get(MAX_IN_ROW);
        alphaX = settings.get(ALPHA_X);
        alphaT = settings.get(ALPHA_T);
        first = settings.get(FIRST);
        last = settings.get(LAST);
        forcedGiven = settings.isGiven(FIRST) || settings.isGiven(LAST);
    }

    private static Setting<List<Double>> alphas(String name, String help) {
        return Setting.numbers(name, help + ", from the first step to the last, any number of them")
                .where(values -> !values.isEmpty() && values.stream().allMatch(value -> value >= 0), "0 or more each")
                .ofModel();
    }

    static PolicyProvider provider() {
        return PolicyProvider.of(
                "sencache",
                "SenCache: the whole stack, while known sensitivities say that the prediction changed little",
                THRESHOLD,
                List.of(THRESHOLD, START, MAX_IN_ROW, ALPHA_X, ALPHA_T, FIRST, LAST),
                SenCache::new);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Set<Requirement> requirements() {
        return Set.of(Requirement.SITES, Requirement.TIMESTEPS);
    }

    @Override
    public PolicyRun begin(Layout layout, Generation generation) {
        Forced forced = new Forced(name, first, last, generation.steps()).check(forcedGiven);
        return new Run(layout.stack(), generation.timesteps(), forced);
    }

    private final class Run implements Forecasting.OfOnePart {
        private final Span stack;
        private final List<Double> timesteps;
        private final Forced forced;
        private int computed;
        private int inRow;
        private Figures figures = Figures.none();

        Run(Span stack, List<Double> timesteps, Forced forced) {
            this.stack = stack;
            this.timesteps = timesteps;
            this.forced = forced;
        }

        @Override
        public Part reused() {
            return stack;
        }

        @Override
        public List<Measure> measures() {
            return List.of(MOVED);
        }

        @Override
        public List<String> warnings() {
            return forced.warnings();
        }

        @Override
        public Decision decide(Part part, StepView step) {
            int now = step.step() - 1;
            figures = Figures.none();
            Decision decision = decide(now, step);
            boolean reuse = decision instanceof Decision.Reuse;
            inRow = reuse ? inRow + 1 : 0;
            computed = reuse ? computed : now;
            return decision;
        }

        private Decision decide(int now, StepView step) {
            if (now == 0) {
                return Decision.compute(Reason.FIRST);
            }
            if (forced.contains(now)) {
                return Decision.compute(Reason.FORCED);
            }
            double moved =
                    step.distance(MOVED).map(sums -> Math.sqrt(sums.total()[0])).orElse(Double.NaN);
            double passed = Math.abs(timesteps.get(now) - timesteps.get(computed));
            double change = of(alphaX) * moved + of(alphaT) * passed;
            double limit = now * START_SHARE < forced.steps() ? startThreshold : threshold;
            figures = Figures.none().with(Figures.DISTANCE, change).against(change, limit);
            if (!Double.isFinite(change)) {
                return Decision.compute(Reason.NOT_A_NUMBER);
            }
            if (change < limit) {
                return inRow < maxInRow ? Decision.reuse(Reason.THRESHOLD) : Decision.compute(Reason.CAP);
            }
            return Decision.compute(Reason.THRESHOLD);
        }

        /** Returns the alpha that is nearest to the last computed step. */
        private double of(List<Double> alphas) {
            int lastStep = Math.max(1, forced.steps() - 1);
            return alphas.get((int) Math.rint(computed * (alphas.size() - 1.0) / lastStep));
        }

        @Override
        public List<Figures> completed(StepView step) {
            return figures.asMap().isEmpty() ? List.of() : List.of(figures);
        }
    }
}
