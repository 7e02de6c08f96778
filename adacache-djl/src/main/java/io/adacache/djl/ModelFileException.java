package io.adacache.djl;

import org.jspecify.annotations.Nullable;

/** A model file cannot be used: it is corrupt, foreign, or does not keep the contract. The message says what to do. */
public final class ModelFileException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Creates an exception with a message for the user. */
    public ModelFileException(String message) {
        super(message);
    }

    /** Creates an exception with a message for the user and what caused it. */
    public ModelFileException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
