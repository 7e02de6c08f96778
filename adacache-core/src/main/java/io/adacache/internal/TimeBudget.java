package io.adacache.internal;

import java.math.BigDecimal;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * A time that a generation is to take, from the beginning of its first call to the end of its last: how many computed steps what is left
 * allows. Computed and reused steps are timed as they go, whatever the service does between them included, so a machine that becomes
 * slower is followed. The first step is slow where the engine compiles; it does not count once there is another.
 */
final class TimeBudget {
    private static final double NANOS = 1e9;
    /** A time is kept if it is missed by no more than this share. */
    private static final double NEAR = 0.05;

    private static final int REMEMBERED = 3;
    /** A reused step's share of a computed one, until one was timed. */
    private static final double USUAL_SHARE = 0.03;
    /** So many more steps than there are: then there is time for all, and more. */
    private static final double SPARE = 1.1;

    /** By then a step was timed in which the engine did not compile. */
    private static final int STEP_OF_KNOWING = 3;

    private final double seconds;
    private final int steps;
    private final Deque<Double> computed = new ArrayDeque<>();
    private final Deque<Double> reused = new ArrayDeque<>();
    private long begin;
    private long stepBegin;
    private double left;
    private int step;
    private boolean first = true;

    TimeBudget(double seconds, int steps) {
        this.seconds = seconds;
        this.steps = steps;
    }

    /**
     * Begins a step.
     *
     * @param wasComputed whether the step before was; without meaning for the first
     */
    void begin(int number, long now, boolean wasComputed) {
        if (number == 1) {
            begin = now;
        } else {
            remember(wasComputed, (now - stepBegin) / NANOS);
        }
        stepBegin = now;
        step = number;
        left = seconds - (now - begin) / NANOS;
    }

    private void remember(boolean wasComputed, double took) {
        Deque<Double> times = wasComputed ? computed : reused;
        if (wasComputed && first && !computed.isEmpty()) {
            computed.clear();
            first = false;
        }
        times.addLast(took);
        if (times.size() > REMEMBERED) {
            times.removeFirst();
        }
    }

    /** Returns how many steps may still be computed, this one included, as a real number; empty before a step was timed. */
    OptionalDouble affordable() {
        if (computed.isEmpty()) {
            return OptionalDouble.empty();
        }
        double cheap = reusedStep();
        double dear = Math.max(median(computed), cheap * 1.001);
        return OptionalDouble.of((left - (steps - step + 1) * cheap) / (dear - cheap));
    }

    private String shown() {
        return BigDecimal.valueOf(seconds).stripTrailingZeros().toPlainString();
    }

    private double reusedStep() {
        return reused.isEmpty() ? USUAL_SHARE * median(computed) : median(reused);
    }

    private static double median(Deque<Double> times) {
        double[] sorted = times.stream().mapToDouble(time -> time).sorted().toArray();
        return sorted[(sorted.length - 1) / 2];
    }

    /** Returns what is to be said as this step begins: that the time will be missed whatever is done, by as much as is known. */
    Optional<String> certain() {
        if (computed.isEmpty()) {
            return Optional.empty();
        }
        double least = (steps - step + 1) * (reused.isEmpty() ? 0 : median(reused));
        if (left < least - NEAR * seconds) {
            return Optional.of(String.format(
                    Locale.ROOT,
                    "%s seconds cannot be kept: as step %d of %d begins %.3g are left, and reusing all others takes %.3g. Ask for"
                            + " more time, fewer steps or a smaller size",
                    shown(),
                    step,
                    steps,
                    Math.max(0, left),
                    least));
        }
        return Optional.empty();
    }

    /** Returns what is to be said as this step begins: that there is time for more than there is to do. */
    Optional<String> spare() {
        double all = computed.isEmpty() ? 0 : (steps - step + 1) * median(computed);
        if (step == STEP_OF_KNOWING && left > SPARE * all) {
            return Optional.of(String.format(
                    Locale.ROOT,
                    "%s seconds are more than computing every step takes (%.3g): the generation ends earlier",
                    shown(),
                    seconds - left + all));
        }
        return Optional.empty();
    }
}
