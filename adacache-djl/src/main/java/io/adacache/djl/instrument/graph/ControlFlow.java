package io.adacache.djl.instrument.graph;

/** Thrown where the way through a body depends on the call. */
final class ControlFlow extends RuntimeException {
    private static final long serialVersionUID = 1L;

    ControlFlow(String where) {
        super(where, null, false, false);
    }
}
