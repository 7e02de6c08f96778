package io.adacache.djl.instrument.graph;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The flow of numbers through a graph: sizes are told apart from data, and dependence means dependence on data. An operand that
 * lends its dtype or shape alone is no data; memory that was changed in place depends on the change.
 */
final class Flow {
    private final Graph graph;
    private final Set<String> sizes = new HashSet<>();
    private final Map<Integer, Set<String>> data = new HashMap<>();

    Flow(Graph graph, Map<Integer, Set<String>> changedBefore) {
        this.graph = graph;
        for (Node node : graph.nodes()) {
            if (References.asks(node) || derived(node)) {
                sizes.addAll(node.outputs());
            }
            data.put(node.id(), data(node, changedBefore.getOrDefault(node.id(), Set.of())));
        }
    }

    private boolean derived(Node node) {
        return Operators.SIZE_ARITHMETIC.contains(node.shortOp())
                && !node.uses().isEmpty()
                && sizes.containsAll(node.uses())
                && !node.expr().toString().contains("self");
    }

    private Set<String> data(Node node, Set<String> changes) {
        if (!node.outputs().isEmpty() && sizes.containsAll(node.outputs())) {
            return Set.of();
        }
        Set<String> uses = new LinkedHashSet<>(node.uses());
        uses.removeAll(sizes);
        uses.removeAll(References.of(node).keySet());
        uses.addAll(changes);
        return uses;
    }

    Graph graph() {
        return graph;
    }

    boolean isSize(String value) {
        return sizes.contains(value);
    }

    /** The values whose numbers a node reads. */
    Set<String> data(Node node) {
        return Objects.requireNonNull(data.get(node.id()));
    }

    /** Whether the numbers of {@code value} depend on those of {@code on}. */
    boolean depends(@Nullable String value, String on) {
        return value != null && !value.equals(on) && between(value, on).contains(on);
    }

    /** All values from which {@code value} is computed, itself included, and not older than {@code oldest}. */
    Set<String> between(String value, String oldest) {
        return between(Set.of(value), graph.position(oldest), Set.of());
    }

    /** All values from which some are computed, without looking behind {@code barriers}. */
    Set<String> between(Set<String> values, int limit, Set<String> barriers) {
        Set<String> seen = new HashSet<>(values);
        Deque<String> open = new ArrayDeque<>(values);
        while (!open.isEmpty()) {
            String value = open.pop();
            Node node = graph.producer(value);
            if (node == null || barriers.contains(value)) {
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
