package io.adacache.djl.instrument.syntax;

/** The text is not in the part of the serialised TorchScript language that the parser knows; the message names file and line. */
public final class SyntaxException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    SyntaxException(String file, int line, String problem) {
        super(file + ":" + line + ": " + problem);
    }
}
