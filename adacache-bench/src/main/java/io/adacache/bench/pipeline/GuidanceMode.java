package io.adacache.bench.pipeline;

import java.util.Locale;

/** How the two guidance streams are called. */
public enum GuidanceMode {
    /** Both halves in one call of twice the batch. */
    BATCHED,
    /** Two calls per step, one per named branch. */
    SEPARATE,
    /** No guidance: the conditional half alone. */
    NONE;

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
