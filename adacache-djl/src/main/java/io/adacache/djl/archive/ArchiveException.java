package io.adacache.djl.archive;

import java.io.IOException;

/** The file is no archive that can be read safely; the message says what is wrong with which entry. */
public final class ArchiveException extends IOException {
    private static final long serialVersionUID = 1L;

    public ArchiveException(String message) {
        super(message);
    }

    public ArchiveException(String message, Throwable cause) {
        super(message, cause);
    }
}
