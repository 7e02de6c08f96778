package io.adacache.djl.instrument.graph;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** How a value of the hidden state is put together from the values at which the streams start. */
sealed interface Piece {
    /** The numbers of the streams that it is made of. */
    default Set<Integer> streams() {
        if (this instanceof Atom atom) {
            return Set.of(atom.start());
        }
        if (this instanceof Step step) {
            return step.input().streams();
        }
        Set<Integer> streams = new TreeSet<>();
        ((Joined) this).parts().forEach(p -> streams.addAll(p.streams()));
        return streams;
    }

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
