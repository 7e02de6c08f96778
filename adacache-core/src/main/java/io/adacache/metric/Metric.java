package io.adacache.metric;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * How two tensors {@code now} and {@code then} are compared. Engines compute {@link Sums}; the formulas are here.
 *
 * <p>Source: AdaCache, equation 4 and table 3a. The published code divides by the norm of the kept tensor
 * ({@code stdit3.py}), which makes the distance relative; so do we.
 */
public enum Metric {
    /** Relative L1: {@code sum|now - then| / sum|then|}. Sums of a row: |now-then|, |then|, |now|. */
    L1 {
        @Override
        public double distance(Sums sums) {
            double[] s = sums.total();
            return s[0] / s[1];
        }

        @Override
        public double motion(Sums sums) {
            double[] s = sums.total();
            return s[0] / (s[1] + s[2]);
        }
    },
    /** Relative L2: {@code ||now - then|| / ||then||}. Sums of a row: squares of now-then, then, now. */
    L2 {
        @Override
        public double distance(Sums sums) {
            double[] s = sums.total();
            return Math.sqrt(s[0]) / Math.sqrt(s[1]);
        }

        @Override
        public double motion(Sums sums) {
            double[] s = sums.total();
            return Math.sqrt(s[0]) / (Math.sqrt(s[1]) + Math.sqrt(s[2]));
        }
    },
    /** Cosine distance: {@code 1 - <now, then> / (||now|| ||then||)}. Sums of a row: now*then, then^2, now^2. */
    COSINE {
        @Override
        public double distance(Sums sums) {
            double[] s = sums.total();
            return 1 - s[0] / Math.sqrt(s[1] * s[2]);
        }

        @Override
        public double motion(Sums sums) {
            return distance(sums);
        }
    };

    /** Returns the distance between the two tensors whose sums are given; not a number where a norm is zero. */
    public abstract double distance(Sums sums);

    /**
     * Returns the motion score of a tensor whose frames were compared with its earlier frames: their difference over the
     * sum of both norms (AdaCache, equation 7; {@code now} are the later frames, {@code then} the earlier).
     */
    public abstract double motion(Sums sums);

    /** Returns the name used in settings: {@code l1}, {@code l2}, {@code cosine}. */
    public String id() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * Returns the metric with the given {@linkplain #id() id}.
     *
     * @throws IllegalArgumentException if there is none; the message lists the known ids
     */
    public static Metric of(String id) {
        for (Metric metric : values()) {
            if (metric.id().equals(id)) {
                return metric;
            }
        }
        throw new IllegalArgumentException("Unknown metric '" + id + "'; known metrics: "
                + Arrays.stream(values()).map(Metric::id).collect(Collectors.joining(", ")));
    }
}
