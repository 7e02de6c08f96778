package io.adacache.djl.instrument.graph;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** How a value of the hidden state is put together from the values at which the streams start. */
sealed interface Piece {
    /** The numbers of the streams that it is made of. */
    Set<Integer> streams();

    /** The stream that starts at the start of this number. */
    record Atom(int start) implements Piece {
        @Override
        public Set<Integer> streams() {
            return Set.of(start);
        }
    }

    /** Glue that rearranges one piece. */
    record Step(Node node, Piece input) implements Piece {
        @Override
        public Set<Integer> streams() {
            return input.streams();
        }
    }

    /** Pieces one behind another along a dimension. */
    record Joined(int dimension, List<Piece> parts) implements Piece {
        /** Copies the list. */
        public Joined {
            parts = List.copyOf(parts);
        }

        @Override
        public Set<Integer> streams() {
            Set<Integer> streams = new TreeSet<>();
            parts.forEach(part -> streams.addAll(part.streams()));
            return streams;
        }
    }
}
