package io.adacache.internal;

import java.math.BigDecimal;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * A time that a generation is to take, from the beginning of its first call to the end of its last: how many computed steps what is left
 * allows. Computed and reused steps are timed as they go, whatever the service does between them included, so a machine that becomes
 * slower is followed. The first step is slow where the engine compiles; it does not count once there is another, and until a third was
 * timed, time for one is taken to do for two: the one shows how long steps take when nothing is compiled.
 *
 * <p>What a step takes longer than usual is made good by those after it, but for the last ones. So where steps take very different times, or
 * one is a large part of the whole, it is said early that the time can be kept only so well.
 */
final class TimeBudget {
    private static final double NANOS = 1e9;
    private static final double PERCENT = 100;
    /** A time is kept if it is missed by no more than this share. */
    private static final double NEAR = 0.05;

    private static final int REMEMBERED = 3;
    /** So many tell how much steps differ. */
    private static final int COMPARED = 8;
    /** The standard deviation of what is lost or gained because steps are computed whole or not at all, in computed steps. */
    private static final double WHOLE_STEPS = 1 / Math.sqrt(12);
    /** Nineteen of twenty generations end within so many standard deviations. */
    private static final double MOST = 2;
    /** It is said from here on, as a share of what is near: what was seen of a machine so far is not all that it does. */
    private static final double CAUTION = 0.9;

    /** A reused step's share of a computed one, until one was timed. */
    private static final double USUAL_SHARE = 0.03;
    /** With so many computed steps the engine may have compiled. */
    private static final int COMPILING = 2;
    /** By then a step was timed in which the engine did not compile. */
    private static final int STEP_OF_KNOWING = 3;

    private final double seconds;
    private final int steps;
    private final Deque<Double> computed = new ArrayDeque<>();
    private final Deque<Double> reused = new ArrayDeque<>();
    private final Deque<Double> compared = new ArrayDeque<>();
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
        if (wasComputed && first && !computed.isEmpty()) {
            computed.clear();
            compared.clear();
            first = false;
        }
        add(wasComputed ? computed : reused, took, REMEMBERED);
        if (wasComputed) {
            add(compared, took, COMPARED);
        }
    }

    private static void add(Deque<Double> times, double took, int most) {
        times.addLast(took);
        if (times.size() > most) {
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
        double steady = (left - (steps - step + 1) * cheap) / (dear - cheap);
        boolean known = !first && computed.size() >= COMPILING;
        return OptionalDouble.of(known || steady < 1 ? steady : Math.max(steady, 2));
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

    /** Returns what else is to be said as this step begins, by kind. */
    Map<String, String> notes() {
        Map<String, String> notes = new LinkedHashMap<>();
        spare().ifPresent(note -> notes.put("seconds to spare", note));
        doubt().ifPresent(note -> notes.put("seconds in doubt", note));
        return notes;
    }

    /** Returns what is to be said as this step begins: that there is time for more than there is to do. */
    private Optional<String> spare() {
        double all = computed.isEmpty() ? 0 : (steps - step + 1) * median(computed);
        if (step >= STEP_OF_KNOWING && left > all + NEAR * seconds) {
            return Optional.of(String.format(
                    Locale.ROOT,
                    "%s seconds are more than computing every step that is left takes (%.3g of %.3g): the generation ends earlier",
                    shown(),
                    all,
                    left));
        }
        return Optional.empty();
    }

    /** Returns what is to be said as this step begins: how well the time can be kept, where that is not well. */
    private Optional<String> doubt() {
        if (step <= STEP_OF_KNOWING || compared.size() < STEP_OF_KNOWING) {
            return Optional.empty();
        }
        double usual = median(computed);
        double slowest = compared.stream().mapToDouble(time -> time).max().orElse(usual);
        double off = Math.max(slowest - usual, MOST * Math.hypot(WHOLE_STEPS * usual, deviation(compared)));
        if (off <= CAUTION * NEAR * seconds) {
            return Optional.empty();
        }
        return Optional.of(String.format(
                Locale.ROOT,
                "%s seconds can be kept within about %.0f %% only: computed steps take %.3g seconds here, and up to %.3g, which the last"
                        + " ones cannot make good",
                shown(),
                Math.ceil(PERCENT * off / seconds),
                usual,
                slowest));
    }

    private static double deviation(Collection<Double> times) {
        double mean = times.stream().mapToDouble(time -> time).average().orElse(0);
        double squares = times.stream()
                .mapToDouble(time -> (time - mean) * (time - mean))
                .sum();
        return Math.sqrt(squares / Math.max(1, times.size() - 1));
    }
}
