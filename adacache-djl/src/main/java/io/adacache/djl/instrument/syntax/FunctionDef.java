package io.adacache.djl.instrument.syntax;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A function or method.
 *
 * @param start offset in the file's text of the line on which it begins
 * @param end offset of the line behind it
 */
public record FunctionDef(
        String name,
        List<Parameter> parameters,
        @Nullable Expr returns,
        List<Stmt> body,
        String file,
        int line,
        int start,
        int end) {
    /** A parameter; {@code type} is null where none is written (a tensor, by the language's rule). */
    public record Parameter(
            String name, @Nullable Expr type, @Nullable Expr fallback) {
        /** Whether the parameter is a tensor. */
        public boolean isTensor() {
            return type == null || type.toString().equals("Tensor");
        }
    }
}
