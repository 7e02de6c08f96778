package io.adacache.bench.report;

import java.util.Arrays;
import java.util.Random;
import java.util.function.ToDoubleFunction;

/**
 * A statistic over cases, and between what it would lie in 95 of 100 draws of as many cases (bootstrap, percentiles).
 *
 * @param value over the cases as they are
 * @param low 2.5th percentile over draws
 * @param high 97.5th percentile over draws
 */
public record Interval(double value, double low, double high) {
    private static final int DRAWS = 1000;
    private static final double TAIL = 0.025;
    private static final long SEED = 20241104;

    /** Returns the median. */
    public static Interval ofMedian(double... values) {
        return of(values, Interval::median);
    }

    /** Returns the mean. */
    public static Interval ofMean(double... values) {
        return of(values, all -> Arrays.stream(all).average().orElse(Double.NaN));
    }

    private static Interval of(double[] values, ToDoubleFunction<double[]> statistic) {
        Random random = new Random(SEED);
        double[] draws = new double[DRAWS];
        double[] drawn = new double[values.length];
        for (int i = 0; i < DRAWS; i++) {
            for (int k = 0; k < drawn.length; k++) {
                drawn[k] = values[random.nextInt(values.length)];
            }
            draws[i] = statistic.applyAsDouble(drawn);
        }
        Arrays.sort(draws);
        int low = (int) (TAIL * (DRAWS - 1));
        return new Interval(statistic.applyAsDouble(values), draws[low], draws[DRAWS - 1 - low]);
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
    }

    /** Returns {@code low..high}. */
    public String range(int decimals) {
        return Format.number(low, decimals) + ".." + Format.number(high, decimals);
    }
}
