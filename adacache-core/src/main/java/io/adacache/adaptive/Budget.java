package io.adacache.adaptive;

import org.jspecify.annotations.Nullable;

/**
 * How many steps may still be computed, and the threshold that spends them well. State of one generation.
 *
 * <p>At each computed step the rest of the generation is planned, and the least threshold whose plan does not ask for more steps than are
 * left is taken. What is kept is expected to go about its own length from the first step to the last: what is left of that, but half of
 * it at least, lies evenly before us. A change that is larger than that is taken to fall to it at once, and so to be worth computing now;
 * a smaller one to stay as it is, because nothing says when it grows. No sampler, number of steps or kind of prediction is assumed.
 * Whoever is wrong about the future is put right at the next computed step.
 */
final class Budget {
    private static final int BISECTIONS = 60;
    private static final double WIDEST = 1e12;
    /** How far what is kept is expected to go in a generation, in units of its own length. */
    private static final double WHOLE_WAY = 1;
    /** How much of that is always expected to be left. */
    private static final double LEAST_LEFT = 0.5;

    private final int steps;
    private final @Nullable Integer most;
    private @Nullable Integer calls;
    private final int first;
    private final int last;
    private int used;
    private double gone;

    /**
     * Begins a generation.
     *
     * @param calls how many steps may be computed; null for any number
     * @param first how many steps at the beginning are to be computed; fewer if there are not so many calls
     * @param last how many at the end, likewise; they go before the first ones, but for step 1
     */
    Budget(int steps, @Nullable Integer calls, int first, int last) {
        int all = calls == null ? steps : Math.min(calls, steps);
        this.steps = steps;
        this.most = calls;
        this.calls = calls;
        this.last = Math.min(last, all - 1);
        this.first = Math.max(1, Math.min(first, all - this.last));
    }

    /**
     * Takes over what the time that is left allows.
     *
     * @param affordable how many steps can be computed from here on, as a real number
     */
    void afford(double affordable) {
        int now = used + (int) Math.max(0, Math.min(steps, Math.rint(affordable)));
        calls = most == null ? Integer.valueOf(now) : Integer.valueOf(Math.min(most, now));
    }

    /** Whether a step is computed whatever is measured. */
    boolean isForced(int step) {
        return step <= first || step > steps - last;
    }

    /** Whether a step that is not forced may be computed. */
    boolean allows(int step) {
        return calls == null || used + Math.min(last, steps - step) < calls;
    }

    /** Whether there is a limit at all. */
    boolean isLimited() {
        return calls != null;
    }

    /** Counts a computed step. */
    void spend() {
        used++;
    }

    /** Takes in how far what is kept has gone since the computed step before, in units of its own length. */
    void went(double way) {
        gone += way;
    }

    /** Returns the last step that is not forced at the end. */
    int end() {
        return steps - last;
    }

    /** Returns the least threshold with which the steps that are left will do. */
    double threshold(int step, Outlook outlook, Profile profile) {
        int left = (calls == null ? steps : calls) - used - last;
        double low = Math.log(1 / WIDEST);
        double high = Math.log(WIDEST);
        for (int i = 0; i < BISECTIONS; i++) {
            double middle = (low + high) / 2;
            if (computed(step, outlook, profile, Math.exp(middle)) > left) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return Math.exp(high);
    }

    /** Returns how many steps would be computed after this one, before the forced ones at the end. */
    private int computed(int step, Outlook outlook, Profile profile, double threshold) {
        int count = 0;
        double later = later(step, outlook.repeat());
        for (int base = step; base < end(); ) {
            double scale = base == step ? 1 : later;
            base = next(base, end(), threshold, profile, ahead -> scale * outlook.error(ahead));
            count += base <= end() ? 1 : 0;
        }
        return count;
    }

    /** Returns what steps to come are expected to change, as a share of what they change now. */
    private double later(int step, double now) {
        double left = Math.max(WHOLE_WAY - gone, LEAST_LEFT);
        return Math.min(1, left / (steps - step) / now);
    }

    /** What a reused step is off, so many steps ahead. */
    interface Growth {
        double error(int ahead);
    }

    /**
     * Returns the next step to compute after a computed one: the first before which the weighted errors of reused steps would add up to
     * the threshold or more.
     *
     * @param end the last step that can be chosen; one more if all up to it are reused
     */
    static int next(int base, int end, double threshold, Profile profile, Growth growth) {
        double cost = 0;
        for (int step = base + 1; step <= end; step++) {
            cost += profile.weight(step) * growth.error(step - base);
            if (!(cost < threshold)) {
                return step;
            }
        }
        return end + 1;
    }
}
