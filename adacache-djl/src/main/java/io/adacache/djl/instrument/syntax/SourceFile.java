package io.adacache.djl.instrument.syntax;

import java.util.Map;

/** One parsed code file: its classes and free functions by name. */
public record SourceFile(String name, String text, Map<String, ClassDef> classes, Map<String, FunctionDef> functions) {
    /**
     * Parses a file.
     *
     * @throws SyntaxException if the text is not in the known part of the language
     */
    public static SourceFile parse(String name, String text) {
        return new Parser(name, text).file();
    }
}
