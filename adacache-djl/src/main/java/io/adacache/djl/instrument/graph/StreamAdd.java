package io.adacache.djl.instrument.graph;

import io.adacache.djl.instrument.syntax.Expr;

/**
 * One addition on a residual stream.
 *
 * @param node the addition
 * @param stream the value that it adds to
 * @param residual what it adds
 * @param own whether the residual depends on {@code stream} (an attention, an MLP) or not (a position term, a parallel branch)
 */
record StreamAdd(Node node, String stream, Expr residual, boolean own) {
    /** Whether it is no sum: some channels of the stream give way to others, which changes it by the difference. */
    boolean exchanges() {
        return Glue.joins(node);
    }

    String output() {
        return node.output();
    }
}
