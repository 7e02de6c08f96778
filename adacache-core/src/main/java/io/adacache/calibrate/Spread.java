package io.adacache.calibrate;

import java.util.List;

/**
 * A mean of a few values, and how sure it is.
 *
 * @param mean of the values
 * @param low lower end of the 95 % confidence interval of the mean, by Student's t; the mean itself where there is one value
 * @param high upper end
 * @param worst the smallest value
 */
public record Spread(double mean, double low, double high, double worst) {
    /** Two-sided 95 % quantiles of Student's t by degrees of freedom, from 1 on. */
    private static final double[] QUANTILES = {12.71, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228};

    private static final double MANY = 2.1;

    /** Returns the spread of one or more values. */
    public static Spread of(List<Double> values) {
        int n = values.size();
        double mean = values.stream().mapToDouble(value -> value).average().orElseThrow();
        double worst = values.stream().mapToDouble(value -> value).min().orElseThrow();
        if (n == 1) {
            return new Spread(mean, mean, mean, worst);
        }
        double squares = values.stream()
                .mapToDouble(value -> (value - mean) * (value - mean))
                .sum();
        double quantile = n - 2 < QUANTILES.length ? QUANTILES[n - 2] : MANY;
        double half = quantile * Math.sqrt(squares / (n - 1) / n);
        return new Spread(mean, mean - half, mean + half, worst);
    }
}
