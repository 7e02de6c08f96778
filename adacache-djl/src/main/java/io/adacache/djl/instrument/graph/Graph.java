package io.adacache.djl.instrument.graph;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A traced forward as one list of operations, all calls of submodules resolved. */
final class Graph {
    private final List<Input> inputs;
    private final List<Node> nodes;
    private final String output;
    private final boolean tupled;
    private final int listed;
    private final Map<String, Node> producers = new HashMap<>();
    private final Map<String, List<Node>> users = new HashMap<>();

    /** A parameter of forward: the value's name in the graph, and the name that the code gives it. */
    record Input(String value, String name) {}

    Graph(List<Input> inputs, List<Node> nodes, String output, boolean tupled, int listed) {
        this.inputs = inputs;
        this.nodes = nodes;
        this.output = output;
        this.tupled = tupled;
        this.listed = listed;
        for (Node node : nodes) {
            node.outputs().forEach(v -> producers.put(v, node));
            node.uses().forEach(v -> users.computeIfAbsent(v, k -> new ArrayList<>())
                    .add(node));
        }
    }

    /** The graph of the operations that the output depends on, with changes in place settled. */
    Graph live(Memory.Settled settled) {
        Set<String> needed = new HashSet<>(Set.of(output));
        List<Node> live = new ArrayList<>();
        for (int i = settled.nodes().size() - 1; i >= 0; i--) {
            Node node = settled.nodes().get(i);
            if (node.outputs().stream().anyMatch(needed::contains)) {
                live.add(node);
                needed.addAll(node.uses());
                needed.addAll(settled.changedBefore().getOrDefault(node.id(), Set.of()));
            }
        }
        java.util.Collections.reverse(live);
        return with(live);
    }

    /** The same graph with other operations in the places of some. */
    Graph with(List<Node> nodes) {
        return new Graph(inputs, nodes, output, tupled, listed);
    }

    List<Input> inputs() {
        return inputs;
    }

    List<Node> nodes() {
        return nodes;
    }

    String output() {
        return output;
    }

    /** Whether forward hands its only result back inside a tuple. */
    boolean tupled() {
        return tupled;
    }

    /** How many tensors forward hands back in a list; 0 if it does not. */
    int listed() {
        return listed;
    }

    /** The node that defines a value; null for an input. */
    @Nullable
    Node producer(String value) {
        return producers.get(value);
    }

    List<Node> users(String value) {
        return users.getOrDefault(value, List.of());
    }

    /** Position of a value in the order of execution; inputs come first. */
    int position(String value) {
        Node node = producers.get(value);
        return node == null ? -1 : node.id();
    }
}
