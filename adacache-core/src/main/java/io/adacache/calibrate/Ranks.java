package io.adacache.calibrate;

import java.util.Arrays;

/** Spearman's rank correlation. */
public final class Ranks {
    private Ranks() {}

    /** Returns the correlation of the ranks of two rows of as many values, -1 to 1; not a number for fewer than three or equal values. */
    public static double correlation(double[] a, double[] b) {
        if (a.length < 3 || a.length != b.length) {
            return Double.NaN;
        }
        double[] x = ranks(a);
        double[] y = ranks(b);
        double mean = (a.length - 1) / 2.0;
        double both = 0;
        double xs = 0;
        double ys = 0;
        for (int i = 0; i < x.length; i++) {
            both += (x[i] - mean) * (y[i] - mean);
            xs += (x[i] - mean) * (x[i] - mean);
            ys += (y[i] - mean) * (y[i] - mean);
        }
        return both / Math.sqrt(xs * ys);
    }

    /** From 0; equal values share their mean rank. */
    private static double[] ranks(double[] values) {
        double[] ranks = new double[values.length];
        for (int i = 0; i < values.length; i++) {
            double value = values[i];
            long below = Arrays.stream(values).filter(other -> other < value).count();
            long equal = Arrays.stream(values).filter(other -> other == value).count();
            ranks[i] = below + (equal - 1) / 2.0;
        }
        return ranks;
    }
}
