package io.adacache.djl.instrument;

import io.adacache.djl.instrument.graph.Remedy;
import java.util.Objects;

/** A file was refused: nothing was written. The message says what is wrong or not understood, where, and what can be done. */
public final class InstrumentException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    InstrumentException(String reason, Remedy remedy) {
        super(remedy.behind(reason));
    }

    InstrumentException(String message) {
        super(message);
    }

    /** Refused for what the cause says. */
    InstrumentException(Throwable cause) {
        super(Objects.requireNonNullElse(cause.getMessage(), cause.toString()), cause);
    }

    InstrumentException(String message, Throwable cause) {
        super(message, cause);
    }
}
