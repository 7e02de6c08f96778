package io.adacache.djl.instrument.syntax;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** A statement of the serialised language. */
public sealed interface Stmt {
    /** The line on which it begins. */
    int line();

    /** {@code target = value}; several targets, or {@code unpack}, take a tuple or list apart. */
    record Assign(List<Expr> targets, boolean unpack, Expr value, int line) implements Stmt {}

    /** An expression for its effect. */
    record Effect(Expr value, int line) implements Stmt {}

    /** {@code return value}. */
    record Return(@Nullable Expr value, int line) implements Stmt {}

    /** {@code if}, with an empty {@code otherwise} where there is no else. */
    record If(Expr condition, List<Stmt> then, List<Stmt> otherwise, int line) implements Stmt {}

    /** {@code for} or {@code while}; kept only to be named in an error. */
    record Loop(String keyword, Expr head, List<Stmt> body, int line) implements Stmt {}

    /** {@code pass}. */
    record Pass(int line) implements Stmt {}
}
