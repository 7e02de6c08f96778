package io.adacache;

import io.adacache.layout.Layout;
import io.adacache.layout.ResidualKind;
import io.adacache.layout.Site;
import io.adacache.layout.Span;
import io.adacache.metric.Measure;
import io.adacache.metric.Metric;
import io.adacache.metric.Probe;
import io.adacache.metric.Reference;
import io.adacache.metric.Sums;
import io.adacache.policy.Decision;
import io.adacache.policy.Figures;
import io.adacache.policy.Generation;
import io.adacache.policy.PolicyRun;
import io.adacache.policy.Reason;
import io.adacache.policy.StepPlan;
import io.adacache.policy.StepView;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One generation under {@link AdaCache}. */
final class AdaCacheRun implements PolicyRun {
    /** One measured place: what is measured there, and the motion factor of its last measurement. */
    private static final class Vote {
        final int block;
        final Measure.Distance distance;
        final Measure.@Nullable Motion motion;
        double previousFactor = 1;

        Vote(int block, Measure.Distance distance, Measure.@Nullable Motion motion) {
            this.block = block;
            this.distance = distance;
            this.motion = motion;
        }
    }

    private final AdaCache config;
    private final Generation generation;
    private final StepPlan plan;
    private final Set<Span> cached = new HashSet<>();
    private final List<Vote> votes;
    private int lastComputed;
    /** The steps whose sums are kept, newest first. */
    private final Deque<Integer> kept = new ArrayDeque<>();

    private int rate = 1;
    private Reason reason = Reason.CODEBOOK;

    AdaCacheRun(AdaCache config, Layout layout, Generation generation) {
        this.config = config;
        this.generation = generation;
        this.plan = new StepPlan.Spans(cut(layout));
        this.votes = votes(layout);
        for (int i = 0; i < Math.min(votes.size(), config.previousMotion.size()); i++) {
            votes.get(i).previousFactor = config.previousMotion.get(i);
        }
    }

    private List<Span> cut(Layout layout) {
        List<Span> spans = new ArrayList<>();
        for (Span run : layout.runsBy(config.cached)) {
            if (!config.cached.test(layout.sites().get(run.first()))) {
                spans.add(run);
                continue;
            }
            for (Span part : config.granularity.cut(layout)) {
                int first = Math.max(part.first(), run.first());
                int last = Math.min(part.last(), run.last());
                if (first < last) {
                    cached.add(new Span(first, last));
                    spans.add(new Span(first, last));
                }
            }
        }
        return spans;
    }

    private List<Vote> votes(Layout layout) {
        Set<ResidualKind> kinds = kinds(layout);
        boolean everything = layout.sites().stream().allMatch(config.cached);
        Reference reference = everything ? Reference.LAST_TAKEN : Reference.LAST_COMPUTED_STEP;
        Metric norm = config.metric == Metric.COSINE ? Metric.L1 : config.metric;
        List<Integer> blocks = config.locations.stream()
                .map(location -> location.block(layout))
                .distinct()
                .sorted()
                .toList();
        List<Vote> found = new ArrayList<>();
        for (Span block : layout.transformerBlocks()) {
            List<Integer> sites = layout.sites().subList(block.first(), block.last()).stream()
                    .filter(site -> kinds.contains(site.kind()) && blocks.contains(site.block()))
                    .map(Site::index)
                    .toList();
            if (!sites.isEmpty()) {
                Probe probe = new Probe.Residuals(sites);
                MotionRegularization motion = config.motion;
                found.add(new Vote(
                        layout.sites().get(sites.get(0)).block(),
                        new Measure.Distance(probe, config.metric, reference),
                        motion == null ? null : new Measure.Motion(probe, norm, motion.strides())));
            }
        }
        if (found.isEmpty()) {
            throw new IllegalArgumentException("This model has no residual of kind "
                    + kinds.stream().map(ResidualKind::id).sorted().toList() + " at block " + blocks
                    + " to measure the distance on; choose another residual or location");
        }
        return found;
    }

    /** The kinds to measure; a model without the chosen self-attention is measured at the one it has. */
    private Set<ResidualKind> kinds(Layout layout) {
        if (config.residuals.stream().anyMatch(layout::has)
                || config.residuals.stream().noneMatch(ResidualKind::isSelfAttention)) {
            return config.residuals;
        }
        return layout.sites().stream()
                .map(Site::kind)
                .filter(ResidualKind::isSelfAttention)
                .reduce((before, kind) -> kind)
                .map(Set::of)
                .orElse(config.residuals);
    }

    @Override
    public List<Measure> measures() {
        List<Measure> measures = new ArrayList<>();
        for (Vote vote : votes) {
            measures.add(vote.distance);
            if (vote.motion != null) {
                measures.add(vote.motion);
            }
        }
        return measures;
    }

    private boolean computes(int step) {
        return isForced(step) || step >= lastComputed + rate;
    }

    private boolean isForced(int step) {
        return step == 1 || step >= generation.steps() - 1;
    }

    @Override
    public StepPlan plan(StepView step) {
        return plan;
    }

    @Override
    public Decision decide(Span span, StepView step) {
        if (!cached.contains(span)) {
            return Decision.computeOnly(Reason.ALWAYS);
        }
        int number = step.step();
        if (!computes(number)) {
            return new Decision.Reuse(reason, weights(number));
        }
        return Decision.compute(number == 1 ? Reason.FIRST : isForced(number) ? Reason.FORCED : reason);
    }

    private double[] weights(int step) {
        return config.forecast.weights(
                kept.stream().mapToDouble(Integer::doubleValue).toArray(), step);
    }

    @Override
    public int history() {
        return config.forecast.history();
    }

    @Override
    public List<Figures> completed(StepView step) {
        if (!computes(step.step())) {
            return List.of();
        }
        int gap = config.referenceExact ? rate : step.step() - lastComputed;
        lastComputed = step.step();
        kept.addFirst(lastComputed);
        if (kept.size() > history()) {
            kept.removeLast();
        }
        List<Figures> all = new ArrayList<>();
        double sum = 0;
        for (Vote vote : votes) {
            Optional<Sums> sums = step.distance(vote.distance);
            if (sums.isPresent()) {
                double raw = config.metric.distance(sums.get());
                sum += raw / gap;
                all.add(decide(vote, raw, gap, sum / (all.size() + 1), step));
            }
        }
        return all;
    }

    private Figures decide(Vote vote, double raw, int gap, double mean, StepView step) {
        Figures figures = Figures.none()
                .with("block", vote.block)
                .with(Figures.DISTANCE, raw)
                .with(Figures.RATE_OF_CHANGE, raw / gap)
                .with("mean", mean);
        OptionalDouble motion = motion(vote, step);
        MotionRegularization regularization = config.motion;
        if (regularization == null || motion.isEmpty()) {
            figures = figures.with(Figures.METRIC, mean);
        } else {
            double factor = regularization.factor(motion.getAsDouble(), step.step());
            figures = regularization.regularise(figures, mean, motion.getAsDouble(), factor, vote.previousFactor, gap);
            vote.previousFactor = factor;
        }
        double metric = figures.get(Figures.METRIC).orElseThrow();
        boolean number = Double.isFinite(metric) || config.referenceExact;
        rate = number ? config.codebook.rate(metric) : 1;
        reason = number ? Reason.CODEBOOK : Reason.NOT_A_NUMBER;
        return figures.with(Figures.RATE, rate).with(Figures.MARGIN, config.codebook.margin(metric));
    }

    /** The mean motion score over strides; empty where the video has too few frames to move, unless the reference is reproduced. */
    private OptionalDouble motion(Vote vote, StepView step) {
        if (vote.motion == null) {
            return OptionalDouble.empty();
        }
        Metric norm = vote.motion.norm();
        List<Sums> strides = step.motion(vote.motion);
        if (!config.referenceExact) {
            strides = strides.stream()
                    .filter(sums -> sums.total()[1] != 0 || sums.total()[2] != 0)
                    .toList();
        }
        return strides.stream().mapToDouble(norm::motion).average();
    }
}
