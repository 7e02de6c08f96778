package io.adacache.djl.instrument.syntax;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** A function or method. */
public record FunctionDef(
        String name, List<Parameter> parameters, @Nullable Expr returns, List<Stmt> body, String file, int line) {
    /** A parameter; {@code type} is null where none is written (a tensor, by the language's rule). */
    public record Parameter(
            String name, @Nullable Expr type, @Nullable Expr fallback) {
        /** Whether the parameter is a tensor. */
        public boolean isTensor() {
            return type == null || type.toString().equals("Tensor");
        }
    }
}
