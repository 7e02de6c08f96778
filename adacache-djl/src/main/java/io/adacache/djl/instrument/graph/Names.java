package io.adacache.djl.instrument.graph;

import io.adacache.djl.instrument.syntax.Expr;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Finds and replaces names in expressions. */
final class Names {
    private Names() {}

    static void collect(Expr expr, Set<String> into) {
        if (expr instanceof Expr.Name name) {
            into.add(name.id());
        } else {
            children(expr).forEach(child -> collect(child, into));
        }
    }

    private static List<Expr> children(Expr expr) {
        if (expr instanceof Expr.Attribute a) {
            return List.of(a.base());
        }
        if (expr instanceof Expr.Call c) {
            List<Expr> all = new ArrayList<>(List.of(c.callee()));
            c.arguments().forEach(a -> all.add(a.value()));
            return all;
        }
        if (expr instanceof Expr.ListOf l) {
            return l.items();
        }
        if (expr instanceof Expr.TupleOf t) {
            return t.items();
        }
        if (expr instanceof Expr.DictOf d) {
            return d.keysAndValues();
        }
        if (expr instanceof Expr.Index i) {
            List<Expr> all = new ArrayList<>(List.of(i.base()));
            all.addAll(i.indices());
            return all;
        }
        if (expr instanceof Expr.Unary u) {
            return List.of(u.operand());
        }
        if (expr instanceof Expr.Binary b) {
            return List.of(b.left(), b.right());
        }
        return List.of();
    }

    static Expr replace(Expr expr, Map<String, Expr> by) {
        if (by.isEmpty()) {
            return expr;
        }
        if (expr instanceof Expr.Name name) {
            return by.getOrDefault(name.id(), name);
        }
        if (expr instanceof Expr.Attribute a) {
            return new Expr.Attribute(replace(a.base(), by), a.name());
        }
        if (expr instanceof Expr.Call c) {
            List<Expr.Argument> arguments = new ArrayList<>();
            c.arguments().forEach(a -> arguments.add(new Expr.Argument(a.name(), replace(a.value(), by))));
            return new Expr.Call(replace(c.callee(), by), arguments);
        }
        if (expr instanceof Expr.ListOf l) {
            return new Expr.ListOf(all(l.items(), by));
        }
        if (expr instanceof Expr.TupleOf t) {
            return new Expr.TupleOf(all(t.items(), by));
        }
        if (expr instanceof Expr.DictOf d) {
            return new Expr.DictOf(all(d.keysAndValues(), by));
        }
        if (expr instanceof Expr.Index i) {
            return new Expr.Index(replace(i.base(), by), all(i.indices(), by));
        }
        if (expr instanceof Expr.Unary u) {
            return new Expr.Unary(u.operator(), replace(u.operand(), by));
        }
        if (expr instanceof Expr.Binary b) {
            return new Expr.Binary(replace(b.left(), by), b.operator(), replace(b.right(), by));
        }
        return expr;
    }

    private static List<Expr> all(List<Expr> items, Map<String, Expr> by) {
        List<Expr> result = new ArrayList<>();
        items.forEach(item -> result.add(replace(item, by)));
        return result;
    }
}
