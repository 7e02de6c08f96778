package io.adacache.djl.manifest;

/** A manifest is not what the contract says; the message names the field, its value and what is expected. */
public final class ManifestException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Creates an exception with a message that goes on after the name of the file. */
    public ManifestException(String message) {
        super(message);
    }

    ManifestException(String message, Throwable cause) {
        super(message, cause);
    }
}
