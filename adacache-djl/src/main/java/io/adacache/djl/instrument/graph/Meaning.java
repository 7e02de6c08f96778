package io.adacache.djl.instrument.graph;

import io.adacache.djl.instrument.syntax.Expr;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

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

    /** A list or tuple whose items are known; a list's may become more. */
    record Items(List<Meaning> items, boolean tuple, int size) implements Meaning {
        private static final int MAX_ITEMS = 5000;

        /** Items, unless they are more than any model has; the line is for the message then. */
        static Items of(List<Meaning> items, boolean tuple, String line) {
            int size = 1;
            for (Meaning item : items) {
                size += item instanceof Items inner ? inner.size() : 1;
            }
            if (size > MAX_ITEMS) {
                throw new NotUnderstood(line + ": a list of more than " + MAX_ITEMS + " items");
            }
            return new Items(items, tuple, size);
        }

        /** The item at a number that is written out, from the end where it is negative; null if there is none. */
        @Nullable
        Meaning at(String number, String line) {
            try {
                int at = Integer.parseInt(number);
                at += at < 0 ? items.size() : 0;
                return at >= 0 && at < items.size() ? items.get(at) : null;
            } catch (NumberFormatException e) {
                throw new NotUnderstood(line + ": " + number + " is no index");
            }
        }
    }

    /** A literal. */
    static Meaning literal(String text) {
        return new Plain(new Expr.Literal(text));
    }

    /** The expression that stands for it; the line is for the message if there is none. */
    default Expr printed(String line) {
        if (this instanceof Plain plain) {
            return plain.expr();
        }
        if (this instanceof Module module) {
            throw new NotUnderstood(line + ": module " + module.dotted() + " is used as a value");
        }
        Items items = (Items) this;
        List<Expr> printed = new ArrayList<>();
        items.items().forEach(item -> printed.add(item.printed(line)));
        return items.tuple() ? new Expr.TupleOf(printed) : new Expr.ListOf(printed);
    }
}
