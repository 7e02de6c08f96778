package io.adacache.djl.instrument.graph;

import java.util.Set;

/**
 * How a size of an embedded call follows from the sizes of the video: what becomes of it where a device holds a part.
 *
 * @param factors what it is a multiple of; nothing that concerns the video if it is the same for every part
 * @param prefix whether the tokens that belong to no frame are counted as well
 */
public record Extent(Set<Factor> factors, boolean prefix) {
    /** The same for every part. */
    public static final Extent SAME = new Extent(Set.of(), false);

    /** What a size may be a multiple of. */
    public enum Factor {
        /** Rows of the call. */
        BATCH,
        /** Latent frames. */
        TIME,
        /** Latent rows. */
        HEIGHT,
        /** Latent columns. */
        WIDTH,
        /** Frames of tokens. */
        FRAMES,
        /** Rows of tokens. */
        ROWS,
        /** Columns of tokens. */
        COLUMNS,
        /** Length of the text. */
        TEXT
    }

    /** Copies the set. */
    public Extent {
        factors = Set.copyOf(factors);
    }

    boolean has(Factor factor) {
        return factors.contains(factor);
    }

    /** Whether it counts the places of a frame. */
    boolean places() {
        return has(Factor.ROWS) && has(Factor.COLUMNS);
    }
}
