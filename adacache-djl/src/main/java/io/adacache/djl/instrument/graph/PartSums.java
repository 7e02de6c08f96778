package io.adacache.djl.instrument.graph;

import io.adacache.djl.instrument.syntax.Expr;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
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

    /** A sum, the part that it adds to, and what it adds. */
    private record Summand(Node node, Part part, Expr added) {}

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
        List<Summand> first =
                Glue.items(cat).isEmpty() ? List.of() : summands(Glue.items(cat).get(0), cat);
        for (Summand begin : first) {
            List<Summand> row = row(cat, begin);
            if (row.size() > 1 && row.get(row.size() - 1).part().to().equals(LayoutWriter.ALL)) {
                replace(cat, row);
                return;
            }
        }
    }

    /** The sums of a join that add to one part behind another of one value; empty if there is another item. */
    private List<Summand> row(Node cat, Summand begin) {
        List<Summand> row = new ArrayList<>();
        for (String item : Glue.items(cat)) {
            Part before = row.isEmpty() ? null : row.get(row.size() - 1).part();
            String whole = begin.part().whole();
            summands(item, cat).stream()
                    .filter(s -> s.part().whole().equals(whole) && follows(s.part(), before))
                    .findFirst()
                    .ifPresent(row::add);
        }
        return row.size() == Glue.items(cat).size() ? row : List.of();
    }

    private void replace(Node cat, List<Summand> row) {
        String whole = row.get(0).part().whole();
        Node last = row.stream()
                .map(Summand::node)
                .max(Comparator.comparingInt(Node::id))
                .orElseThrow();
        Set<String> uses = new LinkedHashSet<>();
        List<Expr> added = row.stream().map(Summand::added).toList();
        added.forEach(a -> uses.add(a.toString()));
        Expr along = Objects.requireNonNullElse(cat.argument(1), new Expr.Literal("0"));
        Expr residual = Sum.call("cat", new Expr.ListOf(added), along);
        replaced.put(last.id(), node(last, "torch.cat", residual, uses));
        Set<String> operands = new LinkedHashSet<>(List.of(whole, last.output()));
        // The first operand decides the order in memory: what is joined has it from the join.
        Expr sum = Sum.call("add", new Expr.Name(last.output()), new Expr.Name(whole));
        replaced.put(cat.id(), node(cat, "torch.add", sum, operands));
    }

    private static Node node(Node old, String op, Expr expr, Set<String> uses) {
        return new Node(old.id(), op, expr, old.outputs(), uses, old.path(), old.line());
    }

    /** What a joined value may be taken for: a part of a value with something added. Where both operands are parts, either. */
    private List<Summand> summands(String item, Node cat) {
        Node node = graph.producer(item);
        Sum sum = node == null || graph.users(item).size() != 1 ? null : Sum.of(node);
        if (node == null || sum == null || !sum.swaps()) {
            return List.of();
        }
        List<Summand> found = new ArrayList<>();
        summand(node, sum.first(), sum.second(), cat).ifPresent(found::add);
        summand(node, sum.second(), sum.first(), cat).ifPresent(found::add);
        return found;
    }

    private Optional<Summand> summand(Node node, Expr to, Expr added, Node cat) {
        Part part = part(to, String.valueOf(cat.argument(1)));
        boolean value = added instanceof Expr.Name name && node.uses().contains(name.id());
        return part == null || !value ? Optional.empty() : Optional.of(new Summand(node, part, added));
    }

    private @Nullable Part part(Expr value, String dimension) {
        Node node = value instanceof Expr.Name name ? graph.producer(name.id()) : null;
        if (node == null || !Glue.isSlice(node) || !node.written(4, "1").equals("1")) {
            return null;
        }
        String source = node.value(0);
        if (source == null || !String.valueOf(node.argument(1)).equals(dimension)) {
            return null;
        }
        return new Part(whole(source), dimension, node.written(2, "0"), node.written(3, LayoutWriter.ALL));
    }

    private String whole(String value) {
        String at = value;
        Node node = graph.producer(at);
        while (node != null && Glue.wholeSlice(node) && node.value(0) != null) {
            at = Objects.requireNonNull(node.value(0));
            node = graph.producer(at);
        }
        return at;
    }

    private boolean follows(Part part, @Nullable Part before) {
        if (before == null) {
            return part.from().equals("0");
        }
        return before.whole().equals(part.whole()) && Alike.same(graph, before.to(), part.from());
    }
}
