package io.adacache.policy.rivals;

import io.adacache.layout.Layout;
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
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

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
 *
 * @param name what reports show
 * @param first number of first blocks; empty for 8, at most a quarter of the blocks
 * @param last number of last blocks
 * @param threshold on the relative distance
 * @param warmUp steps at the beginning that are computed
 * @param maxReused most reused steps, -1 for no limit
 * @param maxInRow most reused steps in a row, -1 for no limit
 * @param budget distance, added up over all steps in which it was looked at, from which on everything is computed; 0 for none
 */
public record DbCache(
        String name,
        OptionalInt first,
        int last,
        double threshold,
        int warmUp,
        int maxReused,
        int maxInRow,
        double budget)
        implements CachePolicy {
    private static final int FIRST = 8;

    @Override
    public PolicyRun begin(Layout layout, Generation generation) {
        if (layout.isOpaque()) {
            throw CachePolicy.needsSites(name);
        }
        List<Span> blocks = layout.transformerBlocks();
        int front = first.orElse(Math.max(1, Math.min(FIRST, blocks.size() / 4)));
        if (front < 1 || last < 0 || front + last >= blocks.size()) {
            throw new IllegalArgumentException("Policy '" + name + "' runs the first " + front + " and the last " + last
                    + " blocks always; of this model's " + blocks.size() + " blocks at least one must be left to reuse,"
                    + " and one must run first");
        }
        return new Run(
                this,
                layout.sites().size(),
                blocks.get(front).first(),
                blocks.get(blocks.size() - last - 1).last());
    }

    private static final class Run implements PolicyRun {
        private final DbCache config;
        private final List<Span> plan = new ArrayList<>();
        private final Span middle;
        private final Measure.Distance change;
        private int reused;
        private int inRow;
        private double accumulated;
        private Figures figures = Figures.none();

        Run(DbCache config, int sites, int begin, int end) {
            this.config = config;
            Span front = new Span(0, begin);
            middle = new Span(begin, end);
            plan.add(front);
            plan.add(middle);
            if (end < sites) {
                plan.add(new Span(end, sites));
            }
            change = new Measure.Distance(new Probe.SpanSum(front), Metric.L1, Reference.LAST_COMPUTED_STEP);
        }

        @Override
        public List<Measure> measures() {
            return List.of(change);
        }

        @Override
        public StepPlan plan(StepView step) {
            return new StepPlan.Spans(plan);
        }

        @Override
        public Decision decide(Span span, StepView step) {
            if (!span.equals(middle)) {
                return Decision.computeOnly(Reason.ALWAYS);
            }
            double distance = step.distance(change).map(Metric.L1::distance).orElse(Double.NaN);
            figures = step.distance(change).isEmpty()
                    ? Figures.none()
                    : Figures.none().with(Figures.DISTANCE, distance).against(distance, config.threshold);
            Decision decision = decide(step.step() - 1, distance);
            boolean reuse = decision instanceof Decision.Reuse;
            inRow = reuse ? inRow + 1 : 0;
            reused += reuse ? 1 : 0;
            return decision;
        }

        private Decision decide(int step, double distance) {
            if (step == 0) {
                return Decision.compute(Reason.FIRST);
            }
            if (step < config.warmUp) {
                return Decision.compute(Reason.WARM_UP);
            }
            boolean capped = config.maxReused >= 0 && reused >= config.maxReused
                    || config.maxInRow >= 0 && inRow >= config.maxInRow
                    || config.budget > 0 && accumulated >= config.budget;
            if (capped) {
                return Decision.compute(Reason.CAP);
            }
            if (!Double.isFinite(distance)) {
                return Decision.compute(Reason.NOT_A_NUMBER);
            }
            accumulated += distance;
            return distance < config.threshold ? Decision.reuse(Reason.THRESHOLD) : Decision.compute(Reason.THRESHOLD);
        }

        @Override
        public List<Figures> completed(StepView step) {
            return figures.asMap().isEmpty() ? List.of() : List.of(figures);
        }
    }

    /** Returns the providers of both. */
    public static List<PolicyProvider> providers() {
        return List.of(
                provider(
                        "fbcache",
                        "First-block cache: the first block tells whether the others are reused",
                        "1",
                        0.05,
                        0),
                provider(
                        "dbcache",
                        "Dual-block cache: as fbcache, with first, last, warm-up and limits",
                        null,
                        0.08,
                        8));
    }

    private static PolicyProvider provider(
            String name, String summary, @Nullable String first, double threshold, int warmUp) {
        return PolicyProvider.of(
                name,
                summary,
                "threshold",
                List.of(
                        Setting.of("threshold", threshold, "on the relative distance"),
                        new Setting("first", first, "blocks that run always and tell; default 8, at most a quarter"),
                        Setting.of("last", 0, "blocks at the end that run always"),
                        Setting.of("warm-up", warmUp, "steps at the beginning that are computed"),
                        Setting.of("max-reused", -1, "most reused steps, -1 for no limit"),
                        Setting.of("max-in-row", -1, "most reused steps in a row, -1 for no limit"),
                        Setting.of("budget", 0, "accumulated distance from which on all is computed, 0 for none")),
                DbCache::create);
    }

    private static CachePolicy create(Settings settings) {
        return new DbCache(
                settings.label(),
                settings.text("first").isPresent() ? OptionalInt.of(settings.integer("first")) : OptionalInt.empty(),
                settings.integer("last"),
                settings.number("threshold"),
                settings.integer("warm-up"),
                settings.integer("max-reused"),
                settings.integer("max-in-row"),
                settings.number("budget"));
    }
}
