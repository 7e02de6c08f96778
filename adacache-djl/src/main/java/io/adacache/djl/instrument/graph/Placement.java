package io.adacache.djl.instrument.graph;

import java.util.List;

/**
 * How the hidden state lies in memory at some cut.
 *
 * @param values one piece per value of the state
 * @param dtypes PyTorch's codes of the values
 * @param strided a value's dimensions in the order of memory where that is another one, as behind a convolution whose result was
 *     transposed; else empty
 */
record Placement(List<Piece> values, List<Integer> dtypes, List<List<Integer>> strided) {
    Placement {
        values = List.copyOf(values);
        dtypes = List.copyOf(dtypes);
        strided = List.copyOf(strided);
    }
}
