package io.adacache.djl.instrument.syntax;

import java.util.Map;

/**
 * A class of a code file.
 *
 * @param attributes attribute name to type
 * @param methods method name to definition
 * @param end offset in the file's text just behind the class's last line
 */
public record ClassDef(
        String name, Map<String, Expr> attributes, Map<String, FunctionDef> methods, String file, int end) {}
