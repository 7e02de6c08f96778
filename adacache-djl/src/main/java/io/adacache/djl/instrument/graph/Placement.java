package io.adacache.djl.instrument.graph;

import java.util.List;

/**
 * How the hidden state lies in memory at some cut.
 *
 * @param values one piece per value of the state
 * @param dtypes PyTorch's codes of the values
 * @param strided whether a value's channels lie apart in memory, as behind a convolution whose result was transposed
 */
record Placement(List<Piece> values, List<Integer> dtypes, List<Boolean> strided) {
    Placement {
        values = List.copyOf(values);
        dtypes = List.copyOf(dtypes);
        strided = List.copyOf(strided);
    }
}
