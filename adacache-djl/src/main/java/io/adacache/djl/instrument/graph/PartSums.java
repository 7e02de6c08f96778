package io.adacache.djl.instrument.graph;

import io.adacache.djl.instrument.syntax.Expr;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Takes sums on all parts of a value, joined again, for one sum on the whole: {@code cat(x[:n] + a, x[n:] + b)} is
 * {@code x + cat(a, b)}, bit for bit. Models gate the tokens of a first frame otherwise than the rest in this way.
 */
final class PartSums {
    private final Graph graph;
    private final Map<Integer, Node> replaced = new HashMap<>();

    /** A part of a value along a dimension: from one place to another, as they are written. */
    private record Part(String whole, String dimension, String from, String to) {}

    private PartSums(Graph graph) {
        this.graph = graph;
    }

    /** The nodes of a graph with every such group of sums as one. */
    static List<Node> joined(Graph graph) {
        PartSums sums = new PartSums(graph);
        graph.nodes().stream().filter(Glue::joins).forEach(sums::join);
        return graph.nodes().stream()
                .map(n -> sums.replaced.getOrDefault(n.id(), n))
                .toList();
    }

    private void join(Node cat) {
        List<String> items = Glue.items(cat);
        String dimension = String.valueOf(cat.argument(1));
        List<Expr> added = new ArrayList<>();
        Part before = null;
        Node last = null;
        for (String item : items) {
            Node node = graph.producer(item);
            Part part = node == null || graph.users(item).size() != 1 ? null : summand(node, dimension, added);
            if (node == null || part == null || !follows(part, before)) {
                return;
            }
            before = part;
            last = last == null || node.id() > last.id() ? node : last;
        }
        if (last == null || before == null || items.size() < 2 || !isEnd(before.to())) {
            return;
        }
        Set<String> uses = new LinkedHashSet<>();
        added.forEach(a -> uses.add(a.toString()));
        Expr residual = Sum.call("cat", new Expr.ListOf(added), new Expr.Literal(dimension));
        replaced.put(last.id(), node(last, "torch.cat", residual, uses));
        Set<String> operands = new LinkedHashSet<>(List.of(before.whole(), last.output()));
        Expr sum = Sum.call("add", new Expr.Name(before.whole()), new Expr.Name(last.output()));
        replaced.put(cat.id(), node(cat, "torch.add", sum, operands));
    }

    private static Node node(Node old, String op, Expr expr, Set<String> uses) {
        return new Node(old.id(), op, expr, old.outputs(), uses, old.path(), old.line());
    }

    /** The part that a sum adds to; what it adds goes into a list. */
    private @Nullable Part summand(Node node, String dimension, List<Expr> added) {
        Sum sum = Sum.of(node);
        if (sum == null || !sum.swaps()) {
            return null;
        }
        Part part = part(sum.first(), dimension);
        Expr other = part == null ? sum.first() : sum.second();
        part = part == null ? part(sum.second(), dimension) : part;
        if (part == null || !(other instanceof Expr.Name name) || !node.uses().contains(name.id())) {
            return null;
        }
        added.add(other);
        return part;
    }

    private @Nullable Part part(Expr value, String dimension) {
        Node node = value instanceof Expr.Name name ? graph.producer(name.id()) : null;
        if (node == null
                || !Glue.isSlice(node)
                || !String.valueOf(node.argument(4)).matches("null|1")) {
            return null;
        }
        String source = node.value(0);
        if (source == null || !String.valueOf(node.argument(1)).equals(dimension)) {
            return null;
        }
        return new Part(whole(source), dimension, text(node, 2), text(node, 3));
    }

    private String whole(String value) {
        String at = value;
        Node node = graph.producer(at);
        while (node != null && Glue.wholeSlice(node) && node.value(0) != null) {
            at = java.util.Objects.requireNonNull(node.value(0));
            node = graph.producer(at);
        }
        return at;
    }

    private static String text(Node node, int position) {
        return String.valueOf(node.argument(position));
    }

    private boolean follows(Part part, @Nullable Part before) {
        if (before == null) {
            return part.from().matches("0|None");
        }
        return before.whole().equals(part.whole()) && same(before.to(), part.from());
    }

    private static boolean isEnd(String to) {
        return to.equals(LayoutWriter.ALL) || to.equals("None");
    }

    /** Whether two whole numbers are computed alike. */
    private boolean same(String a, String b) {
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
            if (!same(use, other)) {
                return false;
            }
            renamed.put(use, new Expr.Name(other));
        }
        return Names.replace(x.expr(), renamed).equals(y.expr());
    }
}
