package io.adacache.bench.verify;

import io.adacache.policy.Figures;
import java.util.List;
import java.util.OptionalDouble;

/** How far numbers are from what they should be. */
final class Differences {
    private Differences() {}

    /** Returns the larger of a difference and that of one more figure; figures that one side lacks do not count. */
    static double larger(double before, Figures figures, String name, double expected) {
        OptionalDouble value = figures.get(name);
        if (value.isEmpty() || (Double.isNaN(expected) && !Double.isNaN(value.getAsDouble()))) {
            return before;
        }
        double difference = relative(value.getAsDouble(), expected);
        return Double.isNaN(before) ? difference : Math.max(before, difference);
    }

    /** Returns the difference over the expected magnitude; 0 for equal numbers, two not-a-numbers among them. */
    static double relative(double value, double expected) {
        if (Double.compare(value, expected) == 0 || value == expected) {
            return 0;
        }
        double difference = Math.abs(value - expected) / Math.abs(expected);
        return Double.isNaN(difference) ? Double.POSITIVE_INFINITY : difference;
    }

    /** Returns the largest difference over the largest magnitude of what is expected; infinite for other sizes. */
    static double ofTensors(float[] values, float[] expected) {
        if (values.length != expected.length) {
            return Double.POSITIVE_INFINITY;
        }
        double largest = 0;
        double magnitude = 0;
        for (int i = 0; i < values.length; i++) {
            double difference = Math.abs((double) values[i] - expected[i]);
            if (Double.isNaN(difference)) {
                return Double.POSITIVE_INFINITY;
            }
            largest = Math.max(largest, difference);
            magnitude = Math.max(magnitude, Math.abs(expected[i]));
        }
        return largest == 0 ? 0 : largest / magnitude;
    }

    /** Returns the largest relative difference; not a number where nothing was recorded. */
    static double ofTimesteps(float[] values, List<Double> expected) {
        if (expected.isEmpty()) {
            return Double.NaN;
        }
        if (expected.size() != values.length) {
            return Double.POSITIVE_INFINITY;
        }
        double largest = 0;
        for (int i = 0; i < values.length; i++) {
            largest = Math.max(largest, relative(values[i], expected.get(i)));
        }
        return largest;
    }
}
