package io.adacache.adaptive;

import org.jspecify.annotations.Nullable;

/**
 * How many steps may still be computed, and the threshold that spends them well. State of one generation.
 *
 * <p>At each computed step the rest of the generation is planned, and the least threshold whose plan does not ask for more steps than are
 * left is taken. What later steps will change is not known; {@link Course} says what is expected. Whoever is wrong about the future is
 * put right at the next computed step.
 */
final class Budget {
    private static final int BISECTIONS = 60;
    private static final double WIDEST = 1e12;
    /** A step is in time if half of it is: then the end is nearer to the time with it. */
    static final double HALF = 0.5;

    private final int steps;
    private final @Nullable Integer most;
    private @Nullable Integer calls;
    private final int first;
    private final int last;
    private final Course course;
    private int used;

    /**
     * Begins a generation.
     *
     * @param course what is expected of its steps
     * @param calls how many steps may be computed; null for any number
     * @param first how many steps at the beginning are to be computed; fewer if there are not so many calls
     * @param last how many at the end, likewise; they go before the first ones, but for step 1
     */
    Budget(Course course, @Nullable Integer calls, int first, int last) {
        int steps = course.steps();
        int all = calls == null ? steps : Math.min(calls, steps);
        this.course = course;
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

    /**
     * Whether all steps that are left can be computed in time, and may be.
     *
     * @param affordable how many can be, this one included, as a real number; one that is half in time is
     */
    boolean hasTimeForAll(int step, double affordable) {
        int left = steps - step + 1;
        return affordable >= left - HALF && (most == null || most - used >= left);
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
        double clean = course.expected(step, outlook.repeat());
        for (int base = step; base < end(); ) {
            double scale = base == step ? 1 : course.change(base, clean) / outlook.repeat();
            base = next(base, end(), threshold, profile, ahead -> scale * outlook.error(ahead));
            count += base <= end() ? 1 : 0;
        }
        return count;
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
