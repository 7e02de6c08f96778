package io.adacache.djl.engine;

/** Thrown when a method returns what the contract of a model file does not allow. */
public final class WrongResult extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** Creates one with a message that says which method returned what, and what is expected. */
    public WrongResult(String message) {
        super(message);
    }
}
