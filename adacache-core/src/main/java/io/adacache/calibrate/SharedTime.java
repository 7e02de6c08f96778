package io.adacache.calibrate;

import java.util.Comparator;
import java.util.List;

/**
 * A time that several generations share: which value of a free setting the next one gets. All get nearly the same value, so one that changes
 * more computes more; the value moves only as far as the time that is left asks for. Not thread-safe.
 */
public final class SharedTime {
    /** How much of what was learnt from one generation goes into the next guess: clips differ, so one tells little. */
    private static final double TRUST = 0.3;

    /**
     * What a value is expected to do.
     *
     * @param value of the free setting
     * @param seconds of a generation
     */
    public record Expected(double value, double seconds) {}

    private final List<Expected> curve;
    private double left;
    private int clips;
    private double correction = 1;
    private double expected;

    /**
     * Begins.
     *
     * @param curve values and times, one or more
     * @param seconds for all
     * @param clips how many
     */
    public SharedTime(List<Expected> curve, double seconds, int clips) {
        this.curve = curve.stream()
                .sorted(Comparator.comparingDouble(Expected::seconds))
                .toList();
        this.left = seconds;
        this.clips = clips;
    }

    /** Returns the value for the next generation. */
    public double next() {
        double share = Math.max(0, left) / Math.max(1, clips);
        double wanted = share / correction;
        Expected below = curve.get(0);
        for (Expected above : curve) {
            if (above.seconds() >= wanted) {
                return between(below, above, wanted);
            }
            below = above;
        }
        expected = below.seconds();
        return below.value();
    }

    private double between(Expected below, Expected above, double wanted) {
        double range = above.seconds() - below.seconds();
        double place = range <= 0 ? 1 : Math.min(1, Math.max(0, (wanted - below.seconds()) / range));
        expected = below.seconds() + place * range;
        return Math.exp(Math.log(below.value()) + place * (Math.log(above.value()) - Math.log(below.value())));
    }

    /** Says how long the generation took that got the last value. */
    public void took(double seconds) {
        left -= seconds;
        clips--;
        if (expected > 0 && seconds > 0) {
            correction *= Math.pow(seconds / (expected * correction), TRUST);
        }
    }

    /** Returns what is left for those that have not begun. */
    public double left() {
        return left;
    }
}
