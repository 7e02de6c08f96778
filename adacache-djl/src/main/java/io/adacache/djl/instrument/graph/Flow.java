package io.adacache.djl.instrument.graph;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The flow of numbers through a graph: sizes are told apart from data, and dependence means dependence on data. */
final class Flow {
    private final Graph graph;
    private final Set<String> sizes = new HashSet<>();
    private final Map<Integer, Set<String>> data = new ConcurrentHashMap<>();

    Flow(Graph graph) {
        this.graph = graph;
        for (Node node : graph.nodes()) {
            String op = node.shortOp();
            boolean root = op.equals("size") || op.equals("dim") || node.op().equals("ops.prim.dtype");
            boolean derived =
                    Operators.SIZE_ARITHMETIC.contains(op) && !node.uses().isEmpty() && sizes.containsAll(node.uses());
            boolean noModule = !node.expr().toString().contains("self");
            if (root || (derived && noModule)) {
                sizes.addAll(node.outputs());
            }
        }
    }

    Graph graph() {
        return graph;
    }

    boolean isSize(String value) {
        return sizes.contains(value);
    }

    /** The values whose numbers a node reads. */
    Set<String> data(Node node) {
        return data.computeIfAbsent(node.id(), id -> {
            if (node.outputs().stream().allMatch(sizes::contains)
                    && !node.outputs().isEmpty()) {
                return Set.of();
            }
            Set<String> uses = new LinkedHashSet<>(node.uses());
            uses.removeAll(sizes);
            return uses;
        });
    }

    /** Whether the numbers of {@code value} depend on those of {@code on}. */
    boolean depends(@Nullable String value, String on) {
        return value != null && !value.equals(on) && between(value, on).contains(on);
    }

    /** All values from which {@code value} is computed, itself included, and not older than {@code oldest}. */
    Set<String> between(String value, String oldest) {
        int limit = graph.position(oldest);
        Set<String> seen = new HashSet<>(Set.of(value));
        Deque<String> open = new ArrayDeque<>(List.of(value));
        while (!open.isEmpty()) {
            Node node = graph.producer(open.pop());
            if (node == null) {
                continue;
            }
            for (String use : data(node)) {
                if (graph.position(use) >= limit && seen.add(use)) {
                    open.push(use);
                }
            }
        }
        return seen;
    }

    /** All values that depend on one of {@code sources}, those included. */
    Set<String> descendants(Set<String> sources) {
        Set<String> reached = new HashSet<>(sources);
        for (Node node : graph.nodes()) {
            for (String use : data(node)) {
                if (reached.contains(use)) {
                    reached.addAll(node.outputs());
                    break;
                }
            }
        }
        return reached;
    }
}
