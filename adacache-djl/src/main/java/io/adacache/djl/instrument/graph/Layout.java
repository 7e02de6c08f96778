package io.adacache.djl.instrument.graph;

import java.util.List;

/**
 * How the hidden state lies in memory at some cut, seen from the start of the spine.
 *
 * @param values one value, or two streams
 * @param glue the operations that lead from the start's layout to this one; empty for the start's own and for streams
 * @param joined one value into which two streams were concatenated
 */
record Layout(int streams, List<Node> glue, boolean joined) {}
