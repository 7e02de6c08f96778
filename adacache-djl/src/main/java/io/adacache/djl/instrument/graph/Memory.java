package io.adacache.djl.instrument.graph;

import io.adacache.djl.instrument.syntax.Expr;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Settles operations that change their argument in place. Where nobody reads the old name any more the operation is replaced by
 * its functional twin (so that {@code run} never changes what its caller passed in). All others are kept: whoever reads the memory
 * later depends on the change, and everything that touches the memory up to its last change must stay together.
 */
final class Memory {
    private final List<Node> nodes;
    private final Map<String, String> parent = new HashMap<>();
    private final Map<String, Integer> definitions = new HashMap<>();
    private final Map<String, List<Node>> readers = new HashMap<>();
    private final Map<String, List<String>> groups = new HashMap<>();
    private final List<Node> mutators = new ArrayList<>();
    private final Map<String, List<Node>> changes = new TreeMap<>();

    private Memory(List<Node> nodes) {
        this.nodes = nodes;
    }

    /**
     * The settled nodes.
     *
     * @param changedBefore the values of the latest changes that a node sees, by the node's id
     * @param clusters ids of operations that must stay together, in order
     */
    record Settled(List<Node> nodes, Map<Integer, Set<String>> changedBefore, List<Set<Integer>> clusters) {}

    static Settled settle(List<Node> nodes) {
        return nodes.stream().noneMatch(Operators::mutates)
                ? new Settled(nodes, Map.of(), List.of())
                : new Memory(nodes).settle();
    }

    private Settled settle() {
        for (Node node : nodes) {
            node.outputs().forEach(v -> definitions.put(v, node.id()));
            memory(node).forEach(name -> readers.computeIfAbsent(name, k -> new ArrayList<>())
                    .add(node));
        }
        List<Node> settled = new ArrayList<>();
        for (Node node : nodes) {
            settled.add(Operators.mutates(node) ? settle(node) : share(node));
        }
        mutators.forEach(m ->
                changes.computeIfAbsent(find(target(m)), k -> new ArrayList<>()).add(m));
        return new Settled(settled, seen(), clusters());
    }

    private Node settle(Node node) {
        String target = target(node);
        Node twin = readLater(node, target) ? null : twin(node);
        if (twin != null) {
            return twin;
        }
        mutators.add(node);
        node.outputs().forEach(out -> union(out, target));
        return node;
    }

    /** Whether an older name of the memory is read behind a node; names that are younger are not grouped yet. */
    private boolean readLater(Node node, String target) {
        return !isValue(target)
                || members(target).stream()
                        .flatMap(name -> readers.getOrDefault(name, List.of()).stream())
                        .anyMatch(r -> r.id() > node.id());
    }

    private static @Nullable Node twin(Node node) {
        if (!Operators.FUNCTIONAL_TWINS.contains(node.shortOp())
                || !(node.expr() instanceof Expr.Call call && call.callee() instanceof Expr.Attribute callee)) {
            return null;
        }
        String name = node.op().substring(0, node.op().length() - 1);
        Expr twin = new Expr.Attribute(callee.base(), name.substring(name.lastIndexOf('.') + 1));
        Expr functional = new Expr.Call(twin, call.arguments());
        return new Node(node.id(), name, functional, node.outputs(), node.uses(), node.path(), node.line());
    }

    /** What every reader of changed memory sees: the result of the last change before it. */
    private Map<Integer, Set<String>> seen() {
        Map<Integer, Set<String>> seen = new HashMap<>();
        changes.forEach((group, mutators) -> {
            for (String name : members(group)) {
                for (Node reader : readers.getOrDefault(name, List.of())) {
                    mutators.stream()
                            .filter(m -> m.id() < reader.id())
                            .reduce((a, b) -> b)
                            .ifPresent(m -> seen.computeIfAbsent(reader.id(), k -> new LinkedHashSet<>())
                                    .add(m.output()));
                }
            }
        });
        return seen;
    }

    private List<Set<Integer>> clusters() {
        List<Set<Integer>> clusters = new ArrayList<>();
        changes.forEach((group, mutators) -> {
            int last = mutators.get(mutators.size() - 1).id();
            Set<Integer> cluster = new HashSet<>();
            for (String name : members(group)) {
                cluster.add(definitions.getOrDefault(name, last));
                readers.getOrDefault(name, List.of()).forEach(n -> cluster.add(n.id()));
            }
            cluster.removeIf(id -> id > last);
            clusters.add(cluster);
        });
        return clusters;
    }

    private static boolean isValue(String name) {
        return name.matches("v[0-9]+");
    }

    private static String target(Node node) {
        return String.valueOf(node.argument(0));
    }

    /** Results may share memory with their first argument. */
    private Node share(Node node) {
        Expr source = Operators.VIEWS.contains(node.shortOp()) ? source(node) : null;
        if (source instanceof Expr.Name || (source != null && source.toString().contains("self"))) {
            node.outputs().forEach(out -> union(out, source.toString()));
        }
        return node;
    }

    private static @Nullable Expr source(Node node) {
        if (node.expr() instanceof Expr.Index index) {
            return index.base();
        }
        boolean typeFirst = node.shortOp().equals("annotate") || node.shortOp().equals("unchecked_cast");
        return node.op().equals("unpack") ? node.expr() : node.argument(typeFirst ? 1 : 0);
    }

    /** Names whose memory a node reads: graph values and attributes of the module; what lends its shape alone does not count. */
    private static Set<String> memory(Node node) {
        if (References.asks(node)) {
            return Set.of();
        }
        Set<String> names = new LinkedHashSet<>(node.uses());
        names.removeAll(References.of(node).keySet());
        if (node.expr() instanceof Expr.Call call) {
            call.arguments().forEach(a -> attributes(a.value(), names));
        }
        return names;
    }

    private static void attributes(Expr expr, Set<String> into) {
        if (expr instanceof Expr.Attribute || expr instanceof Expr.Call) {
            into.add(expr.toString());
        } else if (expr instanceof Expr.ListOf list) {
            list.items().forEach(item -> attributes(item, into));
        }
    }

    private List<String> members(String name) {
        return groups.getOrDefault(find(name), List.of(name));
    }

    private String find(String name) {
        String root = name;
        String next = parent.get(root);
        while (next != null && !next.equals(root)) {
            root = next;
            next = parent.get(root);
        }
        parent.put(name, root);
        return root;
    }

    private void union(String a, String b) {
        String young = find(a);
        String old = find(b);
        if (!young.equals(old)) {
            List<String> all = groups.computeIfAbsent(old, k -> new ArrayList<>(List.of(k)));
            all.addAll(groups.getOrDefault(young, List.of(young)));
            groups.remove(young);
            parent.put(young, old);
        }
    }
}
