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
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Foresight: between steps that are computed whole, the front of the stack is reused up to the last part that lately changed less than it
 * did at the end of the warm-up.
 *
 * <p>With W steps of warm-up, steps s from 0: in step {@code W - 1} each part's threshold is {@code gamma} times the squared change of its
 * sum since step {@code W - 2}. From W on, steps with {@code s % interval == 0} compute all; in the others the parts up to the last one
 * whose newest change is not above its threshold are reused, even if one before it is, and the rest is computed and measured anew. Source:
 * Foresight (arXiv 2506.00329) and STAR-Laboratory/foresight, {@code videosys/core/foresight_mgr.py}. Different here: sums of {@code
 * parts} equal parts of the stack instead of the outputs of every block; spatial and temporal blocks are not mixed up; state belongs to
 * one generation.
 */
final class Foresight implements CachePolicy {
    private static final Setting<Double> GAMMA = Setting.number(
                    "gamma", "on the change at the end of the warm-up; published: 0.25 to 2")
            .where(value -> value >= 0, "0 or more")
            .or(0.5);
    private static final Setting<Integer> INTERVAL =
            Scope.atLeast(2, "interval", "every so many steps all is computed").or(2);
    private static final Setting<Integer> WARM_UP =
            Scope.atLeast(2, "warm-up", "steps at the beginning that are computed; default: 15 % of them, at least 2");
    private static final Setting<Integer> PARTS = Scope.atLeast(
                    1, "parts", "into which the stack is cut, at most its blocks")
            .or(4);

    private final String name;
    private final double gamma;
    private final int interval;
    private final Optional<Integer> warmUp;
    private final int parts;

    private Foresight(Settings settings) {
        name = settings.policy();
        gamma = settings.get(GAMMA);
        interval = settings.get(INTERVAL);
        warmUp = settings.find(WARM_UP);
        parts = settings.get(PARTS);
    }

    static PolicyProvider provider() {
        return PolicyProvider.of(
                "foresight",
                "Foresight: the front of the stack, as far as it lately changed little",
                GAMMA,
                List.of(GAMMA, INTERVAL, WARM_UP, PARTS),
                Foresight::new);
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
        int beginning = warmUp.orElse(Math.max(2, (int) Math.round(0.15 * steps)));
        Forced forced = new Forced(name, beginning, 0, steps).check(warmUp.isPresent());
        return new Run(cut(layout.transformerBlocks()), forced);
    }

    private List<Span> cut(List<Span> blocks) {
        int count = Math.min(parts, blocks.size());
        List<Span> spans = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            spans.add(new Span(
                    blocks.get(i * blocks.size() / count).first(),
                    blocks.get((i + 1) * blocks.size() / count - 1).last()));
        }
        return spans;
    }

    private final class Run implements PolicyRun {
        private final List<Span> spans;
        private final List<Measure.Distance> changes;
        private final Forced forced;
        private final double[] thresholds;
        private final double[] newest;
        /** How many spans are reused in this step. */
        private int reused;

        Run(List<Span> spans, Forced forced) {
            this.spans = spans;
            this.forced = forced;
            this.changes = spans.stream()
                    .map(span -> new Measure.Distance(new Probe.SpanSum(span), Metric.L2, Reference.LAST_TAKEN))
                    .toList();
            this.thresholds = new double[spans.size()];
            this.newest = new double[spans.size()];
            Arrays.fill(newest, Double.NaN);
        }

        @Override
        public List<Measure> measures() {
            return List.copyOf(changes);
        }

        @Override
        public List<String> warnings() {
            return forced.warnings();
        }

        @Override
        public List<Span> plan(StepView step) {
            int now = step.step() - 1;
            reused = 0;
            if (!forced.contains(now) && now % interval != 0) {
                for (int i = 0; i < newest.length; i++) {
                    reused = newest[i] <= thresholds[i] ? i + 1 : reused;
                }
            }
            return spans;
        }

        @Override
        public Decision decide(Part part, StepView step) {
            int now = step.step() - 1;
            if (spans.indexOf(part) < reused) {
                return Decision.reuse(Reason.THRESHOLD);
            }
            return Decision.compute(
                    now == 0
                            ? Reason.FIRST
                            : forced.contains(now)
                                    ? Reason.WARM_UP
                                    : now % interval == 0 ? Reason.SCHEDULE : Reason.THRESHOLD);
        }

        @Override
        public List<Figures> completed(StepView step) {
            for (int i = 0; i < newest.length; i++) {
                int span = i;
                step.distance(changes.get(i)).ifPresent(sums -> newest[span] = sums.total()[0]);
                if (step.step() == forced.first()) {
                    thresholds[i] = gamma * newest[i];
                }
            }
            return List.of();
        }
    }
}
