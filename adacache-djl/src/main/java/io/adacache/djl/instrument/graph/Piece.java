package io.adacache.djl.instrument.graph;

import java.util.List;

/** How a value of the hidden state is put together from the values at which the streams start. */
sealed interface Piece {
    /** The stream that starts at the start of this number. */
    record Atom(int start) implements Piece {}

    /** Glue that rearranges one piece. */
    record Step(Node node, Piece input) implements Piece {}

    /** Pieces one behind another along a dimension. */
    record Joined(int dimension, List<Piece> parts) implements Piece {
        /** Copies the list. */
        public Joined {
            parts = List.copyOf(parts);
        }
    }
}
