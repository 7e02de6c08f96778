package io.adacache;

import io.adacache.metric.Measure;
import io.adacache.metric.Metric;
import io.adacache.metric.Probe;
import io.adacache.metric.Sums;
import io.adacache.policy.Decision;
import io.adacache.policy.Figures;
import io.adacache.policy.Forecast;
import io.adacache.policy.Reason;
import io.adacache.policy.StepView;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/** The schedule of all spans that are computed in the same steps: what is measured, and the rate that was chosen last. */
final class RateSchedule {
    /** One measured place: what is measured there, and the motion factor of its last measurement. */
    static final class Vote {
        final int block;
        final int site;
        final Measure.Distance distance;
        final Measure.@Nullable Motion motion;
        double previousFactor = 1;

        Vote(int block, int site, Measure.Distance distance, Measure.@Nullable Motion motion) {
            this.block = block;
            this.site = site;
            this.distance = distance;
            this.motion = motion;
        }
    }

    private final AdaCache config;
    private final int steps;
    private final List<Vote> votes;
    /** The steps whose sums are kept, newest first. */
    private final Deque<Integer> kept = new ArrayDeque<>();

    private final @Nullable Straightness straightness;

    private int lastComputed;
    private int rate = 1;
    private Reason reason = Reason.CODEBOOK;

    /**
     * Begins a schedule.
     *
     * @param steps number of steps of the generation
     * @param votes in the order in which they are measured; the last one's rate wins
     * @param forecast what is forecast, or what stands for it
     */
    RateSchedule(AdaCache config, int steps, List<Vote> votes, Probe forecast) {
        this.config = config;
        this.steps = steps;
        this.votes = List.copyOf(votes);
        this.straightness = config.adaptsForecast && config.forecast.order() > 0
                ? new Straightness(forecast, config.forecast)
                : null;
    }

    List<Measure> measures() {
        List<Measure> measures = new ArrayList<>();
        for (Vote vote : votes) {
            measures.add(vote.distance);
            if (vote.motion != null) {
                measures.add(vote.motion);
            }
        }
        if (straightness != null) {
            measures.addAll(straightness.measures());
        }
        return measures;
    }

    private boolean computes(int step) {
        return isForced(step) || step >= lastComputed + rate;
    }

    private boolean isForced(int step) {
        return step <= config.forcedFirst || step > steps - config.forcedLast;
    }

    Decision decide(int step) {
        if (!computes(step)) {
            double[] positions = kept.stream().mapToDouble(Integer::doubleValue).toArray();
            Forecast forecast = straightness == null ? config.forecast : straightness.forecast();
            return new Decision.Reuse(reason, forecast.weights(positions, step));
        }
        return Decision.compute(step == 1 ? Reason.FIRST : isForced(step) ? Reason.FORCED : reason);
    }

    /** Ends a step; if it was computed, chooses the next rate from what was measured. */
    List<Figures> completed(StepView step) {
        if (!computes(step.step())) {
            return List.of();
        }
        int gap = config.referenceExact ? rate : step.step() - lastComputed;
        if (straightness != null) {
            straightness.measured(step, kept);
        }
        lastComputed = step.step();
        kept.addFirst(lastComputed);
        if (kept.size() > config.forecast.history()) {
            kept.removeLast();
        }
        List<Figures> all = new ArrayList<>();
        double sum = 0;
        for (Vote vote : votes) {
            Optional<Sums> sums = step.distance(vote.distance);
            if (sums.isPresent()) {
                double raw = config.metric.distance(sums.get());
                sum += raw / gap;
                all.add(choose(vote, raw, gap, sum / (all.size() + 1), step));
            }
        }
        return all;
    }

    private Figures choose(Vote vote, double raw, int gap, double mean, StepView step) {
        Figures figures = Figures.none()
                .with("block", vote.block)
                .with("site", vote.site)
                .with(Figures.DISTANCE, raw)
                .with(Figures.RATE_OF_CHANGE, raw / gap)
                .with("mean", mean);
        if (straightness != null) {
            figures = figures.with("forecast_damping", straightness.forecast().damping());
        }
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
        OptionalDouble threshold = config.codebook.nearestThreshold(metric);
        return (threshold.isPresent() ? figures.against(metric, threshold.getAsDouble()) : figures)
                .with(Figures.RATE, rate);
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
