package io.adacache.bench.pipeline;

/** A generation was stopped by an interrupt of its thread. Its session is closed. */
public final class InterruptedGeneration extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Creates one that says where it stopped. */
    public InterruptedGeneration(String message) {
        super(message);
    }
}
