package io.adacache.replay;

import io.adacache.metric.Metric;
import io.adacache.metric.Probe;
import io.adacache.metric.Sums;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Made-up numbers that depend on the step alone, whatever it is compared with.
 *
 * @param byProbe relative distances by probe, one per step; {@code *} for all that are not named; {@code motion} for motion scores
 */
public record PerStep(Map<String, List<Double>> byProbe) implements Numbers {
    private static final String ALL = "*";
    private static final String MOTION = "motion";

    @Override
    public Sums distance(Probe probe, Metric metric, String branch, int now, int then) {
        String key = Stream.concat(Stream.of(probe), Recorded.sameTensor(probe).stream())
                .map(Probe::id)
                .filter(byProbe::containsKey)
                .findFirst()
                .orElse(ALL);
        double distance = find(key, probe.id(), now);
        return switch (metric) {
            case L1 -> sums(distance);
            case L2 -> sums(distance * distance);
            case COSINE -> sums(1 - distance);
        };
    }

    @Override
    public Sums motion(Probe probe, Metric norm, int stride, String branch, int step) {
        double score = find(MOTION, MOTION, step);
        return norm == Metric.L2 ? sums(4 * score * score) : sums(2 * score);
    }

    private double find(String key, String asked, int step) {
        List<Double> values = byProbe.get(key);
        if (values == null || values.size() < step) {
            throw new IllegalArgumentException("The policy measures '" + asked + "' in step " + step
                    + ", but there is no such number; given are "
                    + (byProbe.isEmpty() ? "none" : new ArrayList<>(byProbe.keySet())));
        }
        return values.get(step - 1);
    }

    private static Sums sums(double first) {
        return Sums.of(new double[][] {{first, 1, 1}});
    }
}
