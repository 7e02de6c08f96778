package io.adacache.rivals;

import io.adacache.layout.Layout;
import io.adacache.layout.Part;
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
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Dual-block cache, and with one front block the first-block cache: the first blocks always run, and tell by the change of what
 * they add whether the middle blocks may be reused; the last blocks always run again.
 *
 * <p>With r what the first blocks add now and r' what they added in the last computed step, the middle is reused if
 * {@code |r - r'| / |r'| < threshold} and no limit is reached, checked in this order: warm-up, reused steps in total, in a row,
 * accumulated distance. Nothing forces the last step. Sources: ParaAttention, {@code first_block_cache/utils.py}; cache-dit,
 * {@code cache_contexts/cache_manager.py}. Different here: a block is a transformer block of this library (Open-Sora's spatial and
 * temporal blocks count separately, as they run there); reused steps in a row are counted from the last computed step, where
 * cache-dit's counter runs on past steps computed for another reason.
 */
final class DbCache implements CachePolicy {
    private static final int FIRST_AT_MOST = 8;

    private static final Setting<Double> THRESHOLD = Scope.threshold("on the relative distance");
    private static final Setting<Integer> FIRST =
            Scope.atLeast(1, "first", "blocks that run always and tell; default 8, at most a quarter");
    private static final Setting<Integer> LAST =
            Scope.atLeast(0, "last", "blocks at the end that run always").or(0);
    private static final Setting<Integer> WARM_UP =
            Scope.atLeast(0, "warm-up", "steps at the beginning that are computed");
    private static final Setting<Integer> MAX_REUSED = limit("max-reused", "most reused steps");
    private static final Setting<Integer> MAX_IN_ROW = limit("max-in-row", "most reused steps in a row");
    private static final Setting<Double> BUDGET = Setting.number(
                    "budget",
                    "distance, added up whenever it was looked at, from which on all is computed; default, or 0: none")
            .where(budget -> budget >= 0, "0 or more");

    private final String name;
    private final double threshold;
    private final Optional<Integer> first;
    private final int last;
    private final int warmUp;
    private final boolean warmUpGiven;
    private final Optional<Integer> maxReused;
    private final Optional<Integer> maxInRow;
    private final Optional<Double> budget;
    private final Rows rows;

    private DbCache(Settings settings) {
        name = settings.policy();
        threshold = settings.get(THRESHOLD);
        first = settings.find(FIRST);
        last = settings.get(LAST);
        warmUp = settings.get(WARM_UP);
        warmUpGiven = settings.isGiven(WARM_UP);
        maxReused = settings.find(MAX_REUSED).filter(limit -> limit >= 0);
        maxInRow = settings.find(MAX_IN_ROW).filter(limit -> limit >= 0);
        budget = settings.find(BUDGET).filter(limit -> limit > 0);
        rows = settings.get(Scope.ROWS);
    }

    /** Returns a setting for which -1 says in words of cache-dit that there is no limit. */
    private static Setting<Integer> limit(String name, String help) {
        return Scope.atLeast(-1, name, help + "; default, or -1: no limit");
    }

    static PolicyProvider firstBlock() {
        return provider(
                "fbcache",
                "First-block cache: the first block tells whether the others are reused",
                THRESHOLD.or(0.05),
                FIRST.or(1),
                WARM_UP.or(0));
    }

    static PolicyProvider dualBlock() {
        return provider(
                "dbcache",
                "Dual-block cache: as fbcache, with first, last, warm-up and limits",
                THRESHOLD.or(0.08),
                FIRST,
                WARM_UP.or(8));
    }

    private static PolicyProvider provider(
            String name, String summary, Setting<Double> threshold, Setting<Integer> first, Setting<Integer> warmUp) {
        return PolicyProvider.of(
                name,
                summary,
                threshold,
                List.of(threshold, first, LAST, warmUp, MAX_REUSED, MAX_IN_ROW, BUDGET, Scope.ROWS),
                DbCache::new);
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
        List<Span> blocks = layout.transformerBlocks();
        int front = first.orElse(Math.max(1, Math.min(FIRST_AT_MOST, blocks.size() / 4)));
        Scope.check(
                front + last < blocks.size(),
                name,
                "runs the first " + front + " and the last " + last + " blocks always; of this model's " + blocks.size()
                        + " blocks at least one must be left to reuse, and one must run first");
        Span middle = new Span(
                blocks.get(front).first(), blocks.get(blocks.size() - last - 1).last());
        Forced forced = new Forced(name, warmUp, 0, generation.steps()).check(warmUpGiven);
        return new Run(middle, layout.sites().size(), forced);
    }

    private final class Run implements Forecasting.OfOnePart {
        private final List<Span> plan = new ArrayList<>();
        private final Span middle;
        private final Forced forced;
        private final Measure.Distance change;
        private int reused;
        private int inRow;
        private double accumulated;
        private Figures figures = Figures.none();

        Run(Span middle, int sites, Forced forced) {
            this.middle = middle;
            this.forced = forced;
            Span front = new Span(0, middle.first());
            plan.add(front);
            plan.add(middle);
            if (middle.last() < sites) {
                plan.add(new Span(middle.last(), sites));
            }
            change = new Measure.Distance(new Probe.SpanSum(front), Metric.L1, Reference.LAST_COMPUTED_STEP);
        }

        @Override
        public Part reused() {
            return middle;
        }

        @Override
        public List<Measure> measures() {
            return List.of(change);
        }

        @Override
        public List<String> warnings() {
            return forced.warnings();
        }

        @Override
        public List<Span> plan(StepView step) {
            return plan;
        }

        @Override
        public Decision decide(Part part, StepView step) {
            if (!part.equals(middle)) {
                return Decision.computeOnly(Reason.ALWAYS);
            }
            Optional<Sums> sums = step.distance(change);
            double distance =
                    sums.map(each -> rows.largest(each, Metric.L1::distance)).orElse(Double.NaN);
            figures = sums.isEmpty()
                    ? Figures.none()
                    : Figures.none().with(Figures.DISTANCE, distance).against(distance, threshold);
            Decision decision = decide(step.step() - 1, distance);
            boolean reuse = decision instanceof Decision.Reuse;
            if (decision.reason() == Reason.THRESHOLD) {
                figures = figures.withRowsAgainst(against(sums.orElseThrow(), reuse));
            }
            inRow = reuse ? inRow + 1 : 0;
            reused += reuse ? 1 : 0;
            return decision;
        }

        private long against(Sums sums, boolean reuse) {
            return sums.perRow().stream()
                    .filter(row -> Metric.L1.distance(row) < threshold != reuse)
                    .count();
        }

        private Decision decide(int step, double distance) {
            if (step == 0) {
                return Decision.compute(Reason.FIRST);
            }
            if (forced.contains(step)) {
                return Decision.compute(Reason.WARM_UP);
            }
            boolean capped = maxReused.isPresent() && reused >= maxReused.get()
                    || maxInRow.isPresent() && inRow >= maxInRow.get()
                    || budget.isPresent() && accumulated >= budget.get();
            if (capped) {
                return Decision.compute(Reason.CAP);
            }
            if (!Double.isFinite(distance)) {
                return Decision.compute(Reason.NOT_A_NUMBER);
            }
            accumulated += distance;
            return distance < threshold ? Decision.reuse(Reason.THRESHOLD) : Decision.compute(Reason.THRESHOLD);
        }

        @Override
        public List<Figures> completed(StepView step) {
            return figures.asMap().isEmpty() ? List.of() : List.of(figures);
        }
    }
}
