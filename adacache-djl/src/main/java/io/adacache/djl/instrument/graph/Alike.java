package io.adacache.djl.instrument.graph;

import io.adacache.djl.instrument.syntax.Expr;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Tells whether two whole numbers are computed alike: a tracer writes the same size down anew for every use of it. */
final class Alike {
    private Alike() {}

    static boolean same(Graph graph, String a, String b) {
        if (a.equals(b)) {
            return true;
        }
        Node x = graph.producer(a);
        Node y = graph.producer(b);
        if (x == null
                || y == null
                || !x.op().equals(y.op())
                || x.uses().size() != y.uses().size()) {
            return false;
        }
        Map<String, Expr> renamed = new HashMap<>();
        List<String> others = List.copyOf(y.uses());
        int i = 0;
        for (String use : x.uses()) {
            String other = others.get(i++);
            if (!same(graph, use, other)) {
                return false;
            }
            renamed.put(use, new Expr.Name(other));
        }
        return Names.replace(x.expr(), renamed).equals(y.expr());
    }
}
