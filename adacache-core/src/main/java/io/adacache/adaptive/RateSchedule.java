package io.adacache.adaptive;

// Why the distance is divided by the true gap: docs/decisions/0002. Why what is not a number computes:
// docs/decisions/0003.

import io.adacache.metric.Measure;
import io.adacache.metric.Metric;
import io.adacache.metric.Probe;
import io.adacache.metric.Sums;
import io.adacache.policy.Decision;
import io.adacache.policy.Decision.Reason;
import io.adacache.policy.Figures;
import io.adacache.policy.Forecast;
import io.adacache.policy.PolicyRun.StepView;
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
    static final class Place {
        final int block;
        final int site;
        final Measure.Distance distance;
        final Measure.@Nullable Motion motion;
        double previousFactor = 1;

        Place(int block, int site, Measure.Distance distance, Measure.@Nullable Motion motion) {
            this.block = block;
            this.site = site;
            this.distance = distance;
            this.motion = motion;
        }
    }

    private final AdaptiveConfig config;
    private final List<Place> places;
    /** The steps whose sums are kept, newest first. */
    private final Deque<Integer> kept = new ArrayDeque<>();

    private final @Nullable Straightness straightness;

    private int lastComputed;
    private int rate = 1;
    private Reason reason = Reason.CODEBOOK;

    /**
     * Begins a schedule.
     *
     * @param places in the order in which they are measured; the last one's rate wins
     * @param forecast what is forecast, or what stands for it
     */
    RateSchedule(AdaptiveConfig config, List<Place> places, Probe forecast) {
        this.config = config;
        this.places = List.copyOf(places);
        this.straightness = config.adaptsForecast && config.forecast.order() > 0
                ? new Straightness(forecast, config.forecast)
                : null;
    }

    List<Measure> measures() {
        List<Measure> measures = new ArrayList<>();
        for (Place place : places) {
            measures.add(place.distance);
            if (place.motion != null) {
                measures.add(place.motion);
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
        return step <= config.first || step > config.steps - config.last;
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
        int gap = config.arithmetic.gap(rate, step.step() - lastComputed);
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
        for (Place place : places) {
            Optional<Sums> sums = step.distance(place.distance);
            if (sums.isPresent()) {
                double raw = config.metric.distance(sums.get());
                sum += raw / gap;
                all.add(choose(place, raw, gap, sum / (all.size() + 1), step));
            }
        }
        return all;
    }

    private Figures choose(Place place, double raw, int gap, double mean, StepView step) {
        Figures figures = Figures.none()
                .with("block", place.block)
                .with("site", place.site)
                .with(Figures.DISTANCE, raw)
                .with(Figures.RATE_OF_CHANGE, raw / gap)
                .with("mean", mean);
        if (straightness != null) {
            figures = figures.with("forecast_damping", straightness.forecast().damping());
        }
        OptionalDouble motion = motion(place, step);
        MotionRegularization regularization = config.motion;
        if (regularization == null || motion.isEmpty()) {
            figures = figures.with(Figures.METRIC, mean);
        } else {
            double factor = regularization.window(config.steps).contains(step.step())
                    ? regularization.factor(motion.getAsDouble())
                    : 1;
            figures = regularization.regularise(figures, mean, motion.getAsDouble(), factor, place.previousFactor, gap);
            place.previousFactor = factor;
        }
        double metric = figures.get(Figures.METRIC).orElseThrow();
        boolean number = config.arithmetic.looksUp(metric);
        rate = number ? config.codebook.rate(metric) : 1;
        reason = number ? Reason.CODEBOOK : Reason.NOT_A_NUMBER;
        OptionalDouble threshold = config.codebook.nearestThreshold(metric);
        return (threshold.isPresent() ? figures.against(metric, threshold.getAsDouble()) : figures)
                .with(Figures.RATE, rate);
    }

    /** The mean motion score over strides; empty where the video has too few frames to move. */
    private OptionalDouble motion(Place place, StepView step) {
        if (place.motion == null) {
            return OptionalDouble.empty();
        }
        Metric norm = place.motion.norm();
        return step.motion(place.motion).stream()
                .filter(config.arithmetic::hasMotion)
                .mapToDouble(norm::motion)
                .average();
    }
}
