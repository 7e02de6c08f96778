package io.adacache.rivals;

import io.adacache.layout.Layout;
import io.adacache.layout.Part;
import io.adacache.layout.Span;
import io.adacache.metric.Measure;
import io.adacache.metric.Measure.Reference;
import io.adacache.metric.Metric;
import io.adacache.metric.Probe;
import io.adacache.metric.Sums;
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
 * BWCache: computes every step until the stack changes little from one to the next, then reuses at even intervals.
 *
 * <p>Once, in a step k (from 1), the relative L1 change of the stack's sum since the step before is below the threshold. From then on {@code
 * share} of the steps are reused in a row, one is computed, and so on; the last {@code k / 2} steps are computed. Source: BWCache (arXiv
 * 2509.13789). Different here: the change of the stack's sum instead of the mean change of all blocks' outputs, and that sum is kept
 * instead of every block's.
 */
final class BwCache implements CachePolicy {
    private static final Setting<Double> THRESHOLD =
            Scope.threshold("on the change from step to step; published: 0.15").or(0.15);
    private static final Setting<Double> SHARE = Setting.number(
                    "share", "of the steps that is reused in a row; published: 0.1")
            .where(value -> value > 0 && value <= 1, "greater than 0, at most 1")
            .or(0.1);

    private final String name;
    private final double threshold;
    private final double share;

    private BwCache(Settings settings) {
        name = settings.policy();
        threshold = settings.get(THRESHOLD);
        share = settings.get(SHARE);
    }

    static PolicyProvider provider() {
        return PolicyProvider.of(
                "bwcache",
                "BWCache: even intervals from the step on in which the stack changes little",
                THRESHOLD,
                List.of(THRESHOLD, SHARE),
                BwCache::new);
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
        return new Run(layout.stack(), generation.steps());
    }

    private final class Run implements Forecasting.OfOnePart {
        private final Span stack;
        private final Measure.Distance change;
        private final int steps;
        private final int longest;
        private int trigger;
        private int inRow;
        private boolean computes;

        Run(Span stack, int steps) {
            this.stack = stack;
            this.steps = steps;
            this.longest = Math.max(1, (int) Math.round(share * steps));
            this.change = new Measure.Distance(new Probe.SpanSum(stack), Metric.L1, Reference.LAST_TAKEN);
        }

        @Override
        public Part reused() {
            return stack;
        }

        @Override
        public List<Measure> measures() {
            return List.of(change);
        }

        @Override
        public Decision decide(Part part, StepView step) {
            int now = step.step();
            boolean end = now > steps - trigger / 2;
            computes = trigger == 0 || end || inRow == longest;
            inRow = computes ? 0 : inRow + 1;
            if (!computes) {
                return Decision.reuse(Reason.SCHEDULE);
            }
            return Decision.compute(
                    now == 1 ? Reason.FIRST : trigger == 0 ? Reason.THRESHOLD : end ? Reason.FORCED : Reason.SCHEDULE);
        }

        @Override
        public List<Figures> completed(StepView step) {
            Optional<Sums> measured = step.distance(change);
            if (!computes || measured.isEmpty() || trigger > 0) {
                return List.of();
            }
            double distance = Metric.L1.distance(measured.get());
            trigger = distance < threshold ? step.step() : 0;
            return List.of(Figures.none().with(Figures.DISTANCE, distance).against(distance, threshold));
        }
    }
}
