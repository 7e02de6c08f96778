package io.adacache.djl.instrument.graph;

import io.adacache.djl.instrument.syntax.Expr;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Takes new memory that is filled part by part along one dimension for a join: {@code z = empty(..); z[:, :n] = x; z[:, n:] = y} is
 * {@code cat([x, y], 1)}. What no input leads to (registers) is stretched over the other dimensions, as a copy stretches it.
 */
final class FilledTokens {
    private final Graph graph;
    private final Map<Integer, Node> replaced = new HashMap<>();
    private final Set<Integer> dropped = new HashSet<>();

    /** A part of the memory, the slice of it, and the operation that fills it. */
    private record Filled(Node slice, String source, Node copy) {
        String dimension() {
            return String.valueOf(slice.argument(1));
        }

        String from() {
            return slice.written(2, "0");
        }

        String to() {
            return slice.written(3, LayoutWriter.ALL);
        }
    }

    private FilledTokens(Graph graph) {
        this.graph = graph;
    }

    /** The graph with all such memory as joins. */
    static Graph joined(Graph graph) {
        FilledTokens tokens = new FilledTokens(graph);
        graph.nodes().stream().filter(n -> Samples.MEMORY.contains(n.shortOp())).forEach(tokens::join);
        return graph.with(graph.nodes().stream()
                .filter(n -> !tokens.dropped.contains(n.id()))
                .map(n -> tokens.replaced.getOrDefault(n.id(), n))
                .toList());
    }

    private void join(Node memory) {
        List<Filled> parts = new ArrayList<>();
        Set<Integer> writing = new HashSet<>(Set.of(memory.id()));
        graph.users(memory.output()).forEach(user -> follow(user, parts, writing));
        if (parts.size() < 2 || !isWhole(parts)) {
            return;
        }
        Node last = parts.get(parts.size() - 1).copy();
        for (Filled part : parts) {
            last = part.copy().id() > last.id() ? part.copy() : last;
        }
        int end = last.id();
        boolean readBefore = graph.users(memory.output()).stream()
                .anyMatch(n -> n.id() < end && !writing.contains(n.id()) && !References.asks(n));
        if (!readBefore) {
            dropped.addAll(writing);
            dropped.remove(end);
            replaced.put(end, cat(memory, last, parts));
        }
    }

    /** From a user of the memory through slices that nobody else reads to a copy into one of them. */
    private void follow(Node user, List<Filled> parts, Set<Integer> writing) {
        List<Node> slices = new ArrayList<>();
        Node at = user;
        while (Glue.isSlice(at) && graph.users(at.output()).size() == 1) {
            slices.add(at);
            at = graph.users(at.output()).get(0);
        }
        String source = at.value(1);
        List<Node> cuts = slices.stream().filter(s -> !Glue.wholeSlice(s)).toList();
        boolean copies = at.shortOp().equals("copy_")
                && source != null
                && cuts.size() == 1
                && slices.get(slices.size() - 1).output().equals(at.value(0))
                && cuts.get(0).written(4, "1").equals("1");
        if (copies) {
            parts.add(new Filled(cuts.get(0), Objects.requireNonNull(source), at));
            slices.forEach(s -> writing.add(s.id()));
            writing.add(at.id());
        }
    }

    /** Whether the parts lie one behind another along one dimension, from its beginning to its end. */
    private boolean isWhole(List<Filled> parts) {
        boolean whole = parts.get(0).from().equals("0")
                && parts.get(0).dimension().matches("[0-9]+")
                && parts.get(parts.size() - 1).to().equals(LayoutWriter.ALL);
        for (int i = 1; whole && i < parts.size(); i++) {
            whole = parts.get(i).dimension().equals(parts.get(0).dimension())
                    && Alike.same(graph, parts.get(i - 1).to(), parts.get(i).from());
        }
        return whole;
    }

    private Node cat(Node memory, Node last, List<Filled> parts) {
        String dimension = parts.get(0).dimension();
        List<Expr> items = new ArrayList<>();
        Set<String> uses = new LinkedHashSet<>();
        for (Filled part : parts) {
            String item = fromInput(part.source()) ? part.source() : stretched(memory, part, part.copy() == last);
            items.add(new Expr.Name(item));
            uses.add(item);
        }
        Expr join = Sum.call("cat", new Expr.ListOf(items), new Expr.Literal(dimension));
        return new Node(last.id(), "torch.cat", join, memory.outputs(), uses, last.path(), last.line());
    }

    /** The source with the memory's other sizes, computed where the source was copied, or where the memory was cut for it. */
    private String stretched(Node memory, Filled part, boolean last) {
        Node at = last ? part.slice() : part.copy();
        List<Expr> sizes = sizes(memory, Integer.parseInt(part.dimension()));
        Node source = graph.producer(part.source());
        boolean is = source != null && (source.shortOp().equals("expand") || source.id() > at.id());
        if (sizes == null || is) {
            return part.source();
        }
        Set<String> uses = new LinkedHashSet<>(Set.of(part.source()));
        sizes.forEach(size -> Names.collect(size, uses));
        uses.removeIf(name -> !memory.uses().contains(name) && !name.equals(part.source()));
        Expr stretch = Sum.call("expand", new Expr.Name(part.source()), new Expr.ListOf(sizes));
        dropped.remove(at.id());
        replaced.put(at.id(), new Node(at.id(), "torch.expand", stretch, at.outputs(), uses, at.path(), at.line()));
        return at.output();
    }

    /** The sizes of the memory, with -1 for the dimension along which it is filled; null if they are not written out. */
    private static @Nullable List<Expr> sizes(Node memory, int dimension) {
        int position = memory.shortOp().startsWith("new_") ? 1 : 0;
        if (!(memory.argument(position) instanceof Expr.ListOf list)
                || dimension >= list.items().size()) {
            return null;
        }
        List<Expr> sizes = new ArrayList<>(list.items());
        sizes.set(dimension, new Expr.Literal("-1"));
        return sizes;
    }

    private boolean fromInput(String value) {
        Set<String> seen = new HashSet<>();
        List<String> open = new ArrayList<>(List.of(value));
        while (!open.isEmpty()) {
            String at = open.remove(open.size() - 1);
            Node node = graph.producer(at);
            if (node == null) {
                return true;
            }
            if (!References.asks(node) && seen.add(at)) {
                Set<String> read = new HashSet<>(node.uses());
                read.removeAll(References.of(node).keySet());
                open.addAll(read);
            }
        }
        return false;
    }
}
