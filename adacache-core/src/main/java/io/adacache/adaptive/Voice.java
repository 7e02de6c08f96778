package io.adacache.adaptive;

import io.adacache.adaptive.RateSchedule.Place;
import io.adacache.metric.Metric;
import io.adacache.metric.Sums;
import io.adacache.policy.Decision.Reason;
import io.adacache.policy.Figures;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * Whoever has a say in the next rate: all rows of a batch together, or one of them alone. Knows the motion factors that it measured
 * last, and the mean over the places of a step.
 */
final class Voice {
    /** The rate that a voice is for, why, and the figures behind it. */
    record Choice(Figures figures, int rate, Reason reason) {}

    private final AdaptiveConfig config;
    private final Map<Place, Double> previousFactors = new HashMap<>();
    private double sum;
    private int places;

    Voice(AdaptiveConfig config) {
        this.config = config;
    }

    void beginStep() {
        sum = 0;
        places = 0;
    }

    /**
     * Chooses at one more place of a step.
     *
     * @param distance what this voice has measured there
     * @param motion the same per stride
     * @param gap steps since the probe was last computed
     */
    Choice choose(Place place, Sums distance, List<Sums> motion, int gap, int step) {
        double raw = config.metric.distance(distance);
        sum += raw / gap;
        places++;
        double mean = sum / places;
        Figures figures = Figures.none()
                .with("block", place.block)
                .with("site", place.site)
                .with(Figures.DISTANCE, raw)
                .with(Figures.RATE_OF_CHANGE, raw / gap)
                .with("mean", mean);
        figures = regularised(figures, place, mean, motion, gap, step);
        double metric = figures.get(Figures.METRIC).orElseThrow();
        boolean number = config.arithmetic.looksUp(metric);
        OptionalDouble threshold = config.codebook.nearestThreshold(metric);
        return new Choice(
                threshold.isPresent() ? figures.against(metric, threshold.getAsDouble()) : figures,
                number ? config.codebook.rate(metric) : 1,
                number ? Reason.CODEBOOK : Reason.NOT_A_NUMBER);
    }

    private Figures regularised(Figures figures, Place place, double mean, List<Sums> strides, int gap, int step) {
        OptionalDouble motion = motion(place, strides);
        MotionRegularization regularization = config.motion;
        if (regularization == null || motion.isEmpty()) {
            return figures.with(Figures.METRIC, mean);
        }
        double factor =
                regularization.window(config.steps).contains(step) ? regularization.factor(motion.getAsDouble()) : 1;
        double previous = previousFactors.getOrDefault(place, place.firstFactor);
        previousFactors.put(place, factor);
        return regularization.regularise(figures, mean, motion.getAsDouble(), factor, previous, gap);
    }

    /** The mean motion score over strides; empty where the video has too few frames to move. */
    private OptionalDouble motion(Place place, List<Sums> strides) {
        if (place.motion == null) {
            return OptionalDouble.empty();
        }
        Metric norm = place.motion.norm();
        return strides.stream()
                .filter(config.arithmetic::hasMotion)
                .mapToDouble(norm::motion)
                .average();
    }
}
