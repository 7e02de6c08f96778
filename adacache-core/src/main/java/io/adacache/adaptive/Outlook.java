package io.adacache.adaptive;

import io.adacache.policy.Forecast;
import io.adacache.policy.Forecast.Scheme;
import java.util.Comparator;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * How wrong each forecast will be, from how wrong it was: made in a computed step, for the steps until the next one. Immutable.
 *
 * <p>With h the gap that just ended and q, q' those before it, a forecast that missed the newest sum by e will miss k steps ahead by
 * {@code e k / h} if it repeats or is linear and damped (what turned away goes on in the direction it took), and by
 * {@code e k (k + h) (k + h + q) / (h (h + q) (h + q + q'))} if it is the quadratic through three sums. The linear one looks no further
 * ahead than h; beyond that it stays where it is, and misses as much more as the damped part of the change goes on. The one with the least
 * is taken, for each k.
 *
 * <p>One small change says little about the next: where there are forecasts, changes are expected to fall to the mean of
 * the last two at most ({@link #after}).
 */
final class Outlook {
    private static final Forecast LINEAR = new Forecast(Scheme.POLYNOMIAL, 1, 1, 1);
    private static final Forecast QUADRATIC = new Forecast(Scheme.POLYNOMIAL, 2, 1, Double.POSITIVE_INFINITY);
    /** Nothing is known yet: any run of reused steps is too long. */
    static final Outlook NONE = new Outlook(1, 0, Double.NaN, Double.NaN, Double.NaN, Double.NaN, 0);

    private final int gap;
    private final int gapBefore;
    private final double measured;
    private final double repeat;
    private final double linear;
    private final double quadratic;
    private final double damping;

    private Outlook(
            int gap, int gapBefore, double measured, double repeat, double linear, double quadratic, double damping) {
        this.gap = gap;
        this.gapBefore = gapBefore;
        this.measured = measured;
        this.repeat = repeat;
        this.linear = linear;
        this.quadratic = quadratic;
        this.damping = damping;
    }

    /**
     * Looks ahead from the newest sum.
     *
     * @param gram the sums, that one among them
     * @param norm of the newest sum
     * @param order of the forecasts, 0 to 2
     */
    static Outlook of(Gram gram, double norm, int order) {
        boolean turns = order > 0 && gram.size() > 2;
        return of(gram, norm, order, turns ? share(gram) : 0);
    }

    /** Looks ahead with a given damping of linear forecasts. */
    static Outlook of(Gram gram, double norm, int order, double damping) {
        if (gram.size() < 2) {
            return NONE;
        }
        int gap = gram.step(0) - gram.step(1);
        double repeat = gram.error(1) / norm / gap;
        if (order < 1 || gram.size() < 3) {
            return new Outlook(gap, 0, repeat, repeat, Double.NaN, Double.NaN, 0);
        }
        int before = gram.step(1) - gram.step(2);
        double[] weights = LINEAR.withDamping(damping).weights(steps(gram, 1, 2), gram.step(0));
        double linear = gram.error(weights) / norm / gap;
        double quadratic = Double.NaN;
        if (order > 1 && gram.size() > 3) {
            double[] through = QUADRATIC.weights(steps(gram, 1, 3), gram.step(0));
            int oldest = gram.step(2) - gram.step(3);
            double grown = (double) gap * (gap + before) * (gap + before + oldest);
            quadratic = gram.error(through) / norm / grown;
        }
        return new Outlook(gap, before, repeat, repeat, linear, quadratic, damping);
    }

    /**
     * Returns what share of the linear forecast of the newest sum came true, cut to 0..1: the damping with which it would have missed it
     * least.
     */
    private static double share(Gram gram) {
        double ahead = (double) (gram.step(0) - gram.step(1)) / (gram.step(1) - gram.step(2));
        return Straightness.share(gram.square(0, 2), gram.square(0, 1), gram.square(1, 2), Math.min(ahead, 1));
    }

    /**
     * Returns this outlook if what changes did not fall; else that in which it falls only to the mean of the two changes, with errors in
     * proportion.
     *
     * @param before the outlook from the computed step before this one
     */
    Outlook after(Outlook before) {
        double by = (measured + before.measured) / 2 / measured;
        return by > 1 && Double.isFinite(by)
                ? new Outlook(gap, gapBefore, measured, repeat * by, linear * by, quadratic * by, damping)
                : this;
    }

    /** Returns, of several that look ahead from the same steps, the one in which most changes; not a number goes first. */
    static Outlook changingMost(List<Outlook> outlooks) {
        return outlooks.stream()
                .max(Comparator.comparingDouble(each -> each.repeat))
                .orElse(NONE);
    }

    /** Returns the largest errors of several that look ahead from the same steps and with the same damping. */
    static Outlook worst(List<Outlook> outlooks) {
        Outlook any = outlooks.get(0);
        return new Outlook(
                any.gap,
                any.gapBefore,
                largest(outlooks, each -> each.measured),
                largest(outlooks, each -> each.repeat),
                largest(outlooks, each -> each.linear),
                largest(outlooks, each -> each.quadratic),
                any.damping);
    }

    private static double largest(List<Outlook> outlooks, ToDoubleFunction<Outlook> error) {
        return outlooks.stream().mapToDouble(error).reduce(Double.NEGATIVE_INFINITY, Math::max);
    }

    private static double[] steps(Gram gram, int first, int count) {
        double[] steps = new double[count];
        for (int i = 0; i < count; i++) {
            steps[i] = gram.step(first + i);
        }
        return steps;
    }

    /** Returns the error, relative to the newest sum, so many steps ahead; not a number if nothing is known. */
    double error(int ahead) {
        double least = repeat * ahead;
        double straight = straight(ahead);
        if (straight < least) {
            least = straight;
        }
        double curved = curved(ahead);
        return curved < least ? curved : least;
    }

    private double straight(int ahead) {
        return linear * ahead + damping * repeat * Math.max(0, ahead - gap);
    }

    private double curved(int ahead) {
        return quadratic * ahead * (ahead + gap) * (ahead + gap + gapBefore);
    }

    /** Returns the order of the forecast with that error. */
    int order(int ahead) {
        if (curved(ahead) <= error(ahead)) {
            return 2;
        }
        return straight(ahead) < repeat * ahead ? 1 : 0;
    }

    /** Returns how the newest sums are weighed so many steps ahead, newest first. */
    double[] weights(Gram gram, int ahead) {
        int at = gram.step(0) + ahead;
        return switch (order(ahead)) {
            case 2 -> QUADRATIC.weights(steps(gram, 0, 3), at);
            case 1 -> LINEAR.withDamping(damping).weights(steps(gram, 0, 2), at);
            default -> new double[] {1};
        };
    }

    /** Returns the error of repeating per step, as expected. */
    double repeat() {
        return repeat;
    }

    /** Returns the error that repeating had per step. */
    double measured() {
        return measured;
    }

    /** Returns the damping of linear forecasts. */
    double damping() {
        return damping;
    }
}
