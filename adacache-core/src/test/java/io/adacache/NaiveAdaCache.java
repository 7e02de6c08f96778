package io.adacache;

import java.util.ArrayList;
import java.util.List;

/**
 * The rule of AdaCache, written down a second time from the description of the published code: plain loops over plain numbers, sharing
 * nothing with the classes of {@code adaptive}. The faults of the published code are there when {@code exact} is set.
 */
final class NaiveAdaCache {
    final int steps;
    final boolean exact;
    double[] thresholds;
    int[] rates;
    boolean moreg;
    double scale = 0.385;
    double power = 8;
    double divisor = 1;
    double gradientWeight = 10;
    int windowFirst;
    int windowLast;
    double[] previous;

    int rate = 1;
    int lastComputed;
    final List<Integer> computed = new ArrayList<>();
    final List<Double> metrics = new ArrayList<>();

    NaiveAdaCache(int steps, boolean exact, int locations) {
        this.steps = steps;
        this.exact = exact;
        previous = new double[locations];
        for (int i = 0; i < locations; i++) {
            previous[i] = 1;
        }
    }

    boolean computes(int n) {
        if (n == 1 || n == steps - 1 || n == steps) {
            return true;
        }
        return n == lastComputed + rate;
    }

    /** A computed step: raw distances per location, null in step 1; motion scores per location and stride, NaN for too few frames. */
    void computed(int n, double[] raw, double[][] motion) {
        computed.add(n);
        int divideBy = exact ? rate : n - lastComputed;
        lastComputed = n;
        if (raw == null) {
            return;
        }
        double running = 0;
        for (int at = 0; at < raw.length; at++) {
            running = (running * at + raw[at] / divideBy) / (at + 1);
            double c = running;
            if (moreg) {
                double m = 0;
                int strides = 0;
                for (double score : motion[at]) {
                    if (exact || !Double.isNaN(score)) {
                        m += score;
                        strides++;
                    }
                }
                if (strides > 0) {
                    m = m / strides;
                    if (n >= windowFirst && n <= windowLast) {
                        m = Math.pow(m / scale, power) / divisor;
                    } else {
                        m = 1;
                    }
                    double gradient = gradientWeight * (m - previous[at]) / divideBy;
                    previous[at] = m;
                    c = c * (m + Math.abs(gradient));
                }
            }
            metrics.add(c);
            rate = lookUp(c);
        }
    }

    private int lookUp(double c) {
        if (!exact && (Double.isNaN(c) || Double.isInfinite(c))) {
            return 1;
        }
        int last = rates.length - 1;
        // The published code looks at five thresholds, then takes the last rate.
        int looked = exact ? Math.min(5, last) : last;
        for (int i = 0; i < looked; i++) {
            if (c < thresholds[i]) {
                return rates[i];
            }
        }
        return rates[last];
    }
}
