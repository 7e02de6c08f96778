package io.adacache.djl.instrument;

/** A file was refused: nothing was written. The message says what is wrong or not understood, where, and what can be done. */
public final class InstrumentException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    InstrumentException(String message) {
        super(message);
    }

    InstrumentException(String message, Throwable cause) {
        super(message, cause);
    }
}
