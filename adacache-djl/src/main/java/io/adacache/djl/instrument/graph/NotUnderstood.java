package io.adacache.djl.instrument.graph;

/** Something in the file does not fit what this package can cut; the message says what, where, and what to do. */
public final class NotUnderstood extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public NotUnderstood(String message) {
        super(message);
    }
}
