package io.adacache.policy;

/**
 * Weights of kept sums, newest first, that extrapolate a residual to a step in which it is reused. Since a sum of residuals is
 * linear in the residuals, forecasting the sum of a span is the same as forecasting each of them.
 *
 * <p>With F the newest kept sum, x steps old, and its finite differences D1, D2, ...: {@code F + d D1 x + d^2 D2 x^2 / 2 + ...}
 * ({@link Scheme#TAYLOR}), or the polynomial through the kept sums ({@link Scheme#POLYNOMIAL}); d is the damping. The order is as
 * high as kept sums allow.
 *
 * @param scheme how the differences are weighed
 * @param order 0 repeats the newest, 1 is linear, 2 quadratic
 * @param damping 1 for the full extrapolation, less to stay nearer to repeating. HiCache's scaled Hermite polynomial of order 1
 *     ({@code 2 sigma^2 x}) is the damping {@code 2 sigma^2}: 0.5 with its sigma of 0.5
 * @param reach how far ahead is looked at most, relative to the way between the two newest kept sums: beyond it, the forecast
 *     stays as it is there. Infinite as published by TaylorSeer; 1 looks no further ahead than back
 */
public record Forecast(Scheme scheme, int order, double damping, double reach) {
    /** How finite differences are weighed. The schemes agree up to order 1. */
    public enum Scheme {
        /**
         * As TaylorSeer (arXiv 2503.06923) and its code: each difference is divided by the newest gap, and weighed as a derivative.
         */
        TAYLOR,
        /** Newton's divided differences: exact for polynomials also where gaps differ, as AdaCache's do. */
        POLYNOMIAL
    }

    /** Repeats the newest kept sum. */
    public static final Forecast REPEAT = new Forecast(Scheme.POLYNOMIAL, 0, 1, 1);

    /** Checks the order. */
    public Forecast {
        if (order < 0 || order > 4 || !Double.isFinite(damping) || !(reach >= 0)) {
            throw new IllegalArgumentException("A forecast has an order of 0 to 4, a finite damping and a reach of 0 or"
                    + " more, but got " + order + ", " + damping + ", " + reach);
        }
    }

    /** Returns the same with another damping. */
    public Forecast withDamping(double value) {
        return new Forecast(scheme, order, value, reach);
    }

    /** Returns how many kept sums are used at most. */
    public int history() {
        return order + 1;
    }

    /**
     * Returns the weights of the kept sums.
     *
     * @param kept where the kept sums were computed, newest first: step numbers or timesteps, no two equal; at least one
     * @param at where the residual is wanted
     * @return as many weights as can be used, newest first
     */
    public double[] weights(double[] kept, double at) {
        int used = Math.min(history(), kept.length);
        double[][] differences = new double[used][used];
        for (int i = 0; i < used; i++) {
            differences[i][i] = 1;
        }
        double[] weights = differences[0].clone();
        double to = used < 2 ? at : within(at, kept);
        double factor = 1;
        for (int order = 1; order < used; order++) {
            for (int i = 0; i < used - order; i++) {
                double gap = kept[i] - kept[scheme == Scheme.TAYLOR ? i + 1 : i + order];
                for (int k = 0; k < used; k++) {
                    differences[i][k] = (differences[i][k] - differences[i + 1][k]) / gap;
                }
            }
            factor *= damping * (scheme == Scheme.TAYLOR ? (to - kept[0]) / order : to - kept[order - 1]);
            for (int k = 0; k < used; k++) {
                weights[k] += factor * differences[0][k];
            }
        }
        return weights;
    }

    private double within(double at, double[] kept) {
        double ahead = at - kept[0];
        double furthest = reach * Math.abs(kept[0] - kept[1]);
        return Math.abs(ahead) <= furthest ? at : kept[0] + Math.signum(ahead) * furthest;
    }
}
