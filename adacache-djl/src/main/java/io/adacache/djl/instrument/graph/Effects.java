package io.adacache.djl.instrument.graph;

import io.adacache.djl.instrument.syntax.Expr;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Settles operations that change their argument in place. Where nobody reads the old name any more the operation is replaced by
 * its functional twin (so that {@code run} never changes what its caller passed in); all others are kept, and everything that may
 * share memory with their argument is pinned to the same slice.
 */
final class Effects {
    private final List<Node> nodes;
    private final Map<String, String> parent = new HashMap<>();
    private final Set<Integer> pinned = new HashSet<>();
    private final Set<String> mutatedGroups = new LinkedHashSet<>();

    private Effects(List<Node> nodes) {
        this.nodes = nodes;
    }

    /** The settled nodes, and which of them must stay together. */
    record Settled(List<Node> nodes, Set<Integer> pinned) {}

    static Settled settle(List<Node> nodes) {
        return new Effects(nodes).settle();
    }

    private Settled settle() {
        boolean none = nodes.stream().noneMatch(Operators::mutates);
        if (none) {
            return new Settled(nodes, Set.of());
        }
        Map<String, List<Node>> readers = new HashMap<>();
        for (Node node : nodes) {
            share(node);
            memory(node).forEach(name -> readers.computeIfAbsent(name, k -> new ArrayList<>())
                    .add(node));
        }
        Map<String, List<String>> groups = new HashMap<>();
        readers.keySet().forEach(name -> groups.computeIfAbsent(find(name), k -> new ArrayList<>())
                .add(name));
        List<Node> settled = new ArrayList<>();
        for (Node node : nodes) {
            settled.add(Operators.mutates(node) ? settle(node, groups, readers) : node);
        }
        for (Node node : nodes) {
            if (memory(node).stream().anyMatch(name -> mutatedGroups.contains(find(name)))
                    || node.outputs().stream().anyMatch(name -> mutatedGroups.contains(find(name)))) {
                pinned.add(node.id());
            }
        }
        return new Settled(settled, pinned);
    }

    private Node settle(Node node, Map<String, List<String>> groups, Map<String, List<Node>> readers) {
        String target = target(node);
        if (target == null) {
            return node;
        }
        boolean attribute = !target.startsWith("v");
        boolean readLater = attribute;
        for (String name : groups.getOrDefault(find(target), List.of())) {
            boolean older = name.startsWith("v") ? definedBefore(name, node) : true;
            for (Node reader : older ? readers.getOrDefault(name, List.of()) : List.<Node>of()) {
                readLater |= reader.id() > node.id();
            }
        }
        if (!readLater
                && Operators.FUNCTIONAL_TWINS.contains(node.shortOp())
                && node.expr() instanceof Expr.Call call) {
            String twin = node.op().substring(0, node.op().length() - 1);
            Expr callee = new Expr.Attribute(
                    ((Expr.Attribute) call.callee()).base(), twin.substring(twin.lastIndexOf('.') + 1));
            Expr functional = new Expr.Call(callee, call.arguments());
            return new Node(node.id(), twin, functional, node.outputs(), node.uses(), node.path(), node.line());
        }
        mutatedGroups.add(find(target));
        return node;
    }

    private final Map<String, Integer> definitions = new HashMap<>();

    private boolean definedBefore(String value, Node node) {
        if (definitions.isEmpty()) {
            nodes.forEach(n -> n.outputs().forEach(v -> definitions.put(v, n.id())));
        }
        return definitions.getOrDefault(value, -1) < node.id();
    }

    private static @Nullable String target(Node node) {
        Expr first = node.argument(0);
        return first == null ? null : first.toString();
    }

    /** Results may share memory with their first argument. */
    private void share(Node node) {
        boolean view = Operators.VIEWS.contains(node.shortOp()) || Operators.mutates(node);
        if (!view) {
            return;
        }
        Expr source = source(node);
        if (source instanceof Expr.Name || (source != null && source.toString().contains("self"))) {
            node.outputs().forEach(out -> union(out, source.toString()));
        }
    }

    private static @Nullable Expr source(Node node) {
        if (node.expr() instanceof Expr.Index index) {
            return index.base();
        }
        boolean typeFirst = node.shortOp().equals("annotate") || node.shortOp().equals("unchecked_cast");
        return node.op().equals("unpack") ? node.expr() : node.argument(typeFirst ? 1 : 0);
    }

    /** Names whose memory a node reads: graph values and attributes of the module; sizes alone do not count. */
    private static Set<String> memory(Node node) {
        if (node.shortOp().equals("size")) {
            return Set.of();
        }
        Set<String> names = new LinkedHashSet<>(node.uses());
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

    private String find(String name) {
        String root = name;
        while (parent.containsKey(root) && !parent.get(root).equals(root)) {
            root = parent.get(root);
        }
        parent.put(name, root);
        return root;
    }

    private void union(String a, String b) {
        parent.put(find(a), find(b));
    }
}
