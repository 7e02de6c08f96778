package io.adacache.bench.command;

import org.jspecify.annotations.Nullable;

/** A size that is given, held against the one that a model file has fixed. */
final class Sizes {
    private Sizes() {}

    /**
     * Returns the size.
     *
     * @param name of the option, without hyphens
     * @param fixed by the file; null where it is open
     * @throws IllegalArgumentException if it is not the fixed one, or no size
     */
    static int given(String name, int given, @Nullable Integer fixed) {
        Ranges.check("--" + name, given, Ranges.SIZE);
        if (fixed != null && given != fixed) {
            throw new IllegalArgumentException(
                    "--" + name + " is " + given + ", but this file has fixed it to " + fixed);
        }
        return given;
    }
}
