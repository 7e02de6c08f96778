package io.adacache.replay;

import io.adacache.metric.Measure;
import io.adacache.metric.Metric;
import io.adacache.metric.Sums;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Where a {@link Replay} takes its numbers from: a {@link Recording}, or made-up ones. */
public interface Measurements {
    /**
     * Returns the sums of a distance.
     *
     * @param now the step that is measured, from 1
     * @param then the earlier step that it is compared with
     * @throws IllegalArgumentException if there are none; the message says what is missing
     */
    Sums distance(Measure.Distance measure, String branch, int now, int then);

    /**
     * Returns the sums of a motion measure, one per stride.
     *
     * @throws IllegalArgumentException if there are none; the message says what is missing
     */
    List<Sums> motion(Measure.Motion measure, String branch, int step);

    /** Returns no numbers at all: for policies that measure nothing. */
    static Measurements none() {
        return perStep(Map.of());
    }

    /**
     * Returns distances that depend on the step alone, whatever it is compared with.
     *
     * @param byProbe relative distances by {@linkplain io.adacache.metric.Probe#id() probe}, one per step; {@code *} stands for
     *     all probes that are not named; {@code motion} holds motion scores
     */
    static Measurements perStep(Map<String, List<Double>> byProbe) {
        return new Measurements() {
            @Override
            public Sums distance(Measure.Distance measure, String branch, int now, int then) {
                String id = measure.probe().id();
                double distance = find(byProbe.containsKey(id) ? id : "*", id, now);
                return switch (measure.metric()) {
                    case L1 -> sums(distance, 1, 1);
                    case L2 -> sums(distance * distance, 1, 1);
                    case COSINE -> sums(1 - distance, 1, 1);
                };
            }

            @Override
            public List<Sums> motion(Measure.Motion measure, String branch, int step) {
                double score = find("motion", "motion", step);
                Sums sums = measure.norm() == Metric.L2 ? sums(4 * score * score, 1, 1) : sums(2 * score, 1, 1);
                List<Sums> all = new ArrayList<>();
                measure.strides().forEach(stride -> all.add(sums));
                return all;
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

            private Sums sums(double... row) {
                return Sums.of(new double[][] {Arrays.copyOf(row, Sums.PER_ROW)});
            }
        };
    }
}
