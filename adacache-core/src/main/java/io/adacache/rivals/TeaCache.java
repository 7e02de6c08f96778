package io.adacache.rivals;

import io.adacache.layout.Layout;
import io.adacache.layout.Part;
import io.adacache.layout.Site;
import io.adacache.layout.Span;
import io.adacache.metric.Measure;
import io.adacache.metric.Measure.Reference;
import io.adacache.metric.Metric;
import io.adacache.metric.Probe;
import io.adacache.metric.Sums;
import io.adacache.metric.Sums.Rows;
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
import java.util.Optional;
import java.util.Set;

/**
 * TeaCache: the change of the first block's modulated input, from step to step, is mapped by a polynomial to the change that
 * the output is expected to show, and added up; while the sum is below a threshold the whole stack is reused.
 *
 * <p>{@code sum += P(|m - m'| / |m'|)}, m the modulated input of block 0 and m' that of the step before, whether it was computed
 * or not; {@code sum < threshold} reuses, else computes and sets the sum to 0. First and last steps compute. Source:
 * <em>Timestep Embedding Tells: It's Time to Cache for Video Diffusion Model</em> (arXiv 2411.19108) and TeaCache,
 * {@code eval/teacache/experiments}. A polynomial belongs to the model that it was fitted on. Different here: a distance that is not a
 * number computes, and state lives in the session instead of the class.
 */
final class TeaCache implements CachePolicy {
    private static final Setting<Double> THRESHOLD = Scope.threshold(
                    "on the accumulated change; published: 0.1 slow, 0.2 fast")
            .or(0.1);
    private static final Setting<List<Double>> POLYNOMIAL = Setting.numbers(
                    "polynomial", "coefficients, highest power first, as 2;0.5;0; 1;0 takes the change as it is")
            .where(coefficients -> !coefficients.isEmpty(), "one or more")
            .ofModel();
    private static final Setting<Integer> FIRST = Scope.atLeast(0, "first", "steps at the beginning that are computed")
            .or(1);
    private static final Setting<Integer> LAST =
            Scope.atLeast(0, "last", "steps at the end that are computed").or(1);

    private final String name;
    private final double threshold;
    private final double bend;
    private final List<Double> polynomial;
    private final int first;
    private final int last;
    private final boolean forcedGiven;
    private final Rows rows;

    private TeaCache(Settings settings) {
        name = settings.policy();
        threshold = settings.get(THRESHOLD);
        bend = settings.get(AccumulatingRun.BEND);
        polynomial = settings.get(POLYNOMIAL);
        first = settings.get(FIRST);
        last = settings.get(LAST);
        forcedGiven = settings.isGiven(FIRST) || settings.isGiven(LAST);
        rows = settings.get(Scope.ROWS);
    }

    static PolicyProvider provider() {
        return PolicyProvider.of(
                "teacache",
                "TeaCache: the whole stack, while the accumulated change of its modulated input is small",
                THRESHOLD,
                List.of(THRESHOLD, POLYNOMIAL, FIRST, LAST, Scope.ROWS, AccumulatingRun.BEND),
                TeaCache::new);
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
        return new Run(layout, new Forced(name, first, last, generation.steps()).check(forcedGiven));
    }

    /** Returns the polynomial's value. */
    private double rescale(double distance) {
        double value = 0;
        for (double coefficient : polynomial) {
            value = value * distance + coefficient;
        }
        return value;
    }

    private final class Run extends AccumulatingRun implements Forecasting.OfOnePart {
        private final Span stack;
        private final List<Span> plan;
        private final Measure.Distance input;

        Run(Layout layout, Forced forced) {
            super(threshold, bend, forced, rows);
            int block = layout.sites().stream()
                    .filter(site -> site.kind().isSelfAttention())
                    .mapToInt(Site::index)
                    .findFirst()
                    .orElse(0);
            stack = new Span(block, layout.sites().size());
            plan = block > 0 ? List.of(new Span(0, block), stack) : List.of(stack);
            input = new Measure.Distance(new Probe.Modulated(block), Metric.L1, Reference.LAST_TAKEN);
        }

        @Override
        public Part reused() {
            return stack;
        }

        @Override
        public List<Measure> measures() {
            return List.of(input);
        }

        @Override
        public List<Span> plan(StepView step) {
            return plan;
        }

        @Override
        public Decision decide(Part part, StepView step) {
            if (!part.equals(stack)) {
                return Decision.computeOnly(Reason.ALWAYS);
            }
            Optional<Sums> sums = step.distance(input);
            Figures measured = sums.map(each -> Figures.none().with(Figures.DISTANCE, Metric.L1.distance(each)))
                    .orElse(Figures.none());
            return accumulate(step.step() - 1, Change.of(sums, each -> rescale(Metric.L1.distance(each))), measured);
        }
    }
}
