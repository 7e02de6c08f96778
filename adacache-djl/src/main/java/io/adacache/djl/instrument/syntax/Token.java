package io.adacache.djl.instrument.syntax;

/** One token; {@code start} and {@code end} are offsets into the file's text. */
record Token(Kind kind, String text, int line, int start, int end) {
    enum Kind {
        NAME,
        NUMBER,
        STRING,
        OPERATOR,
        NEWLINE,
        INDENT,
        DEDENT,
        END
    }

    boolean is(String operatorOrKeyword) {
        return (kind == Kind.OPERATOR || kind == Kind.NAME) && text.equals(operatorOrKeyword);
    }
}
