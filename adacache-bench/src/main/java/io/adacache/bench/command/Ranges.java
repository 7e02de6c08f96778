package io.adacache.bench.command;

import org.jspecify.annotations.Nullable;

/** Whole numbers on the command line, held to what a run can be: a slip of the finger costs a message, not the machine's memory. */
final class Ranges {
    /** Most steps of a generation; the published samplers know 1000 noise levels. */
    static final int STEPS = 10_000;

    /** Most clips at once, generations, repeats and seeds. */
    static final int COUNT = 100_000;

    /** Longest side of a latent, most frames, longest text. */
    static final int SIZE = 100_000;

    private Ranges() {}

    /**
     * Returns the number.
     *
     * @throws IllegalArgumentException if it is below 1 or above the largest
     */
    static int check(String option, int value, int largest) {
        if (value < 1) {
            throw new IllegalArgumentException(option + " is 1 or more, but got " + value);
        }
        if (value > largest) {
            throw new IllegalArgumentException(option + " is at most " + largest + ", but got " + value);
        }
        return value;
    }

    /** Checks a number that may be left out. */
    static @Nullable Integer checkOptional(String option, @Nullable Integer value, int largest) {
        return value == null ? null : Integer.valueOf(check(option, value, largest));
    }
}
