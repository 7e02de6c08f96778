package io.adacache.djl.instrument.graph;

import io.adacache.djl.instrument.syntax.Expr;
import java.util.List;

/** What a name stands for while a body is walked. */
sealed interface Meaning {
    /** A value, literal or attribute path, ready to print. */
    record Plain(Expr expr) implements Meaning {}

    /** A submodule. */
    record Module(Expr path, String dotted, String type) implements Meaning {
        /** The path of an attribute; a name that is no identifier (the number of a list's module) is looked up. */
        Expr member(String name) {
            if (name.matches("[A-Za-z_][A-Za-z_0-9]*")) {
                return new Expr.Attribute(path, name);
            }
            Expr.Argument key = new Expr.Argument(null, new Expr.Literal("\"" + name + "\""));
            return new Expr.Call(new Expr.Name("getattr"), List.of(new Expr.Argument(null, path), key));
        }
    }

    /** A list or tuple whose items are known. */
    record Items(List<Meaning> items, boolean tuple, int size) implements Meaning {}
}
