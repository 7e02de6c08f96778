package io.adacache.djl.instrument.graph;

import io.adacache.djl.instrument.syntax.Expr;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Takes what a loop over the batch puts together sample by sample for one join of whole tensors: {@code stack([cat([x[0], y[0, :n]]),
 * cat([x[1], y[1, :n]])])} is {@code cat([x, y[:, :n]], 1)}, number by number, and so is memory that is filled with them row by row.
 * The comparison with forward refuses it where a sample was left out.
 */
final class Samples {
    static final Set<String> MEMORY = Set.of("zeros", "empty", "new_zeros", "new_empty", "zeros_like", "empty_like");

    private final Graph graph;
    private final Map<Integer, Node> replaced = new HashMap<>();
    private final Set<Integer> dropped = new HashSet<>();

    /** Tokens of one sample of a tensor: all of them, or those that a slice takes. */
    private record Part(String whole, int sample, @Nullable Node slice) {}

    /** A row of new memory, from one token to another, that a sample's tokens are copied to. */
    private record Copied(int row, String from, String to, String source, List<Node> nodes) {}

    private Samples(Graph graph) {
        this.graph = graph;
    }

    /** The graph with all such loops as joins. */
    static Graph joined(Graph graph) {
        Samples samples = new Samples(graph);
        for (Node node : graph.nodes()) {
            if (stacks(node)) {
                samples.stacked(node);
            } else if (MEMORY.contains(node.shortOp())) {
                samples.filled(node);
            }
        }
        return graph.with(graph.nodes().stream()
                .filter(n -> !samples.dropped.contains(n.id()))
                .map(n -> samples.replaced.getOrDefault(n.id(), n))
                .toList());
    }

    private static boolean stacks(Node node) {
        boolean first = node.written(1, "0").equals("0");
        boolean padded = "True".equals(String.valueOf(node.argument(1)));
        return node.argument(0) instanceof Expr.ListOf
                && ((node.op().equals("torch.stack") && first) || (node.op().equals("torch.pad_sequence") && padded));
    }

    private void stacked(Node node) {
        List<List<Part>> rows = new ArrayList<>();
        for (String item : Glue.items(node)) {
            Node cat = graph.producer(item);
            boolean joins =
                    cat != null && Glue.joins(cat) && cat.written(1, "0").equals("0");
            List<String> values = joins ? Glue.items(Objects.requireNonNull(cat)) : List.of(item);
            rows.add(values.stream().map(this::part).toList());
            if (graph.users(item).size() != 1) {
                return;
            }
        }
        if (fits(rows)) {
            replaced.put(node.id(), join(node, node.outputs(), rows.get(0)));
        }
    }

    private void filled(Node memory) {
        List<Copied> copies = graph.users(memory.output()).stream()
                .map(this::copied)
                .filter(Objects::nonNull)
                .toList();
        TreeMap<Integer, List<Copied>> byRow = new TreeMap<>();
        copies.forEach(
                c -> byRow.computeIfAbsent(c.row(), k -> new ArrayList<>()).add(c));
        List<List<Part>> rows = new ArrayList<>();
        for (List<Copied> row : byRow.values()) {
            boolean whole = row.get(0).from().matches("0|None");
            for (int i = 1; i < row.size(); i++) {
                whole &= Alike.same(graph, row.get(i).from(), row.get(i - 1).to());
            }
            rows.add(whole ? row.stream().map(c -> part(c.source())).toList() : List.of());
        }
        if (!fits(rows)) {
            return;
        }
        Set<Integer> writing = new HashSet<>(Set.of(memory.id()));
        copies.forEach(c -> c.nodes().forEach(n -> writing.add(n.id())));
        int last = writing.stream().mapToInt(Integer::intValue).max().orElseThrow();
        boolean readBefore = graph.users(memory.output()).stream()
                .anyMatch(n -> n.id() < last && !writing.contains(n.id()) && !References.asks(n));
        if (!readBefore) {
            dropped.addAll(writing);
            dropped.remove(last);
            Node at = graph.nodes().stream()
                    .filter(n -> n.id() == last)
                    .findFirst()
                    .orElseThrow();
            replaced.put(last, join(at, memory.outputs(), rows.get(0)));
        }
    }

    /** A selected row of memory that something is copied to and that nobody else reads. */
    private @Nullable Copied copied(Node select) {
        if (!selects(select) || graph.users(select.output()).size() != 1) {
            return null;
        }
        Node user = graph.users(select.output()).get(0);
        boolean cuts = Glue.isSlice(user) && String.valueOf(user.argument(1)).equals("0");
        if (cuts && graph.users(user.output()).size() != 1) {
            return null;
        }
        Node copy = cuts ? graph.users(user.output()).get(0) : user;
        String target = cuts ? user.output() : select.output();
        String source = copy.value(1);
        if (!copy.shortOp().equals("copy_") || !target.equals(copy.value(0)) || source == null) {
            return null;
        }
        String from = cuts ? String.valueOf(user.argument(2)) : "0";
        String to = cuts ? String.valueOf(user.argument(3)) : LayoutWriter.ALL;
        List<Node> nodes = cuts ? List.of(select, user, copy) : List.of(select, copy);
        return new Copied(index(select), from, to, source, nodes);
    }

    private @Nullable Part part(String value) {
        Node node = graph.producer(value);
        boolean cuts = node != null
                && Glue.isSlice(node)
                && String.valueOf(node.argument(1)).equals("0");
        Node slice = cuts && graph.users(value).size() == 1 ? node : null;
        String sample = slice == null ? value : slice.value(0);
        Node taken = sample == null ? null : graph.producer(sample);
        if (taken != null && selects(taken) && taken.value(0) != null) {
            return new Part(Objects.requireNonNull(taken.value(0)), index(taken), slice);
        }
        if (taken == null || !taken.op().equals("unpack")) {
            return null;
        }
        Node unbind = graph.producer(taken.expr().toString());
        String whole = unbind != null
                        && unbind.shortOp().equals("unbind")
                        && unbind.written(1, "0").equals("0")
                ? unbind.value(0)
                : null;
        return whole == null ? null : new Part(whole, taken.outputs().indexOf(sample), slice);
    }

    private static boolean selects(Node node) {
        return node.op().equals("torch.select")
                && String.valueOf(node.argument(1)).equals("0")
                && String.valueOf(node.argument(2)).matches("[0-9]{1,6}");
    }

    private static int index(Node select) {
        return Integer.parseInt(String.valueOf(select.argument(2)));
    }

    /** Whether the rows are the samples of the same tensors, one after another, as far as the text tells all of them. */
    private boolean fits(List<List<Part>> rows) {
        boolean fits = !rows.isEmpty() && !rows.get(0).isEmpty();
        for (int row = 0; fits && row < rows.size(); row++) {
            fits = rows.get(row).size() == rows.get(0).size();
            for (int i = 0; fits && i < rows.get(0).size(); i++) {
                Part first = rows.get(0).get(i);
                Part part = rows.get(row).get(i);
                fits = first != null
                        && part != null
                        && part.sample() == row
                        && part.whole().equals(first.whole())
                        && alike(part.slice(), first.slice())
                        && samples(part.whole()) == rows.size();
            }
        }
        return fits;
    }

    /** Whether two slices take the same tokens. */
    private boolean alike(@Nullable Node a, @Nullable Node b) {
        if (a == null || b == null) {
            return a == b;
        }
        boolean alike = true;
        for (int i = 2; i < 5; i++) {
            alike &= Alike.same(graph, String.valueOf(a.argument(i)), String.valueOf(b.argument(i)));
        }
        return alike;
    }

    /** How many samples of a tensor are taken out of it one by one. */
    private int samples(String value) {
        int most = 0;
        for (Node user : graph.users(value)) {
            most = selects(user) ? Math.max(most, index(user) + 1) : most;
            boolean unbinds = user.shortOp().equals("unbind");
            for (Node list : unbinds ? graph.users(user.output()) : List.<Node>of()) {
                most = list.op().equals("unpack")
                        ? Math.max(most, list.outputs().size())
                        : most;
            }
        }
        return most;
    }

    private Node join(Node at, List<String> outputs, List<Part> parts) {
        List<Expr> items = new ArrayList<>();
        Set<String> uses = new java.util.LinkedHashSet<>();
        for (Part part : parts) {
            String item = part.slice() == null ? part.whole() : sliced(part, part.slice());
            items.add(new Expr.Name(item));
            uses.add(item);
        }
        boolean one = items.size() == 1;
        Expr joined = one
                ? Sum.call("contiguous", items.get(0))
                : Sum.call("cat", new Expr.ListOf(items), new Expr.Literal("1"));
        String op = one ? "torch.contiguous" : "torch.cat";
        return new Node(at.id(), op, joined, outputs, uses, at.path(), at.line());
    }

    /** The slice of the first sample becomes that of all samples. */
    private String sliced(Part part, Node slice) {
        List<Expr> arguments = new ArrayList<>(List.of(new Expr.Name(part.whole()), new Expr.Literal("1")));
        for (int i = 2; slice.argument(i) != null; i++) {
            arguments.add(slice.argument(i));
        }
        Set<String> uses = new java.util.LinkedHashSet<>(slice.uses());
        uses.remove(slice.value(0));
        uses.add(part.whole());
        Expr call = Sum.call("slice", arguments.toArray(Expr[]::new));
        replaced.put(
                slice.id(), new Node(slice.id(), slice.op(), call, slice.outputs(), uses, slice.path(), slice.line()));
        return slice.output();
    }
}
