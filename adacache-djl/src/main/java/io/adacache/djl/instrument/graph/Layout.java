package io.adacache.djl.instrument.graph;

import java.util.List;

/**
 * How the hidden state lies in memory at some cut.
 *
 * @param values one piece per value of the state
 * @param dtypes PyTorch's codes of the values
 */
record Layout(List<Piece> values, List<Integer> dtypes) {
    Layout {
        values = List.copyOf(values);
        dtypes = List.copyOf(dtypes);
    }
}
