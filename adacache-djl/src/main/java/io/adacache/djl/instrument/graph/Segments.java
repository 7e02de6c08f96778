package io.adacache.djl.instrument.graph;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Gives every operation to a segment: {@code embed}, a site or the head. What does not depend on the hidden state is computed
 * with the site that alone needs it, or in {@code embed}.
 */
final class Segments {
    static final int EMBED = -1;

    private final Flow flow;
    private final Graph graph;
    private final Cut cut;
    private final Map<Integer, Set<Integer>> clusterOf = new HashMap<>();
    private final Map<Integer, Integer> segments = new HashMap<>();
    private final Map<String, Set<Integer>> usedIn = new HashMap<>();
    private final Map<Integer, List<Node>> nodes = new LinkedHashMap<>();

    Segments(Cut cut, List<Set<Integer>> clusters) {
        this.cut = cut;
        this.flow = cut.flow();
        this.graph = flow.graph();
        clusters.forEach(c -> c.forEach(id -> clusterOf.merge(id, c, Segments::union)));
        for (int i = graph.nodes().size() - 1; i >= 0; i--) {
            assign(graph.nodes().get(i));
        }
        graph.nodes().forEach(this::keepWithProducer);
        clusters.forEach(this::check);
        for (Node node : graph.nodes()) {
            nodes.computeIfAbsent(segments.getOrDefault(node.id(), Integer.MIN_VALUE), k -> new ArrayList<>())
                    .add(node);
        }
    }

    private static Set<Integer> union(Set<Integer> a, Set<Integer> b) {
        Set<Integer> both = new HashSet<>(a);
        both.addAll(b);
        return both;
    }

    /** The operations of a segment in order: {@link #EMBED}, a site, or, with the number of sites, the head. */
    List<Node> of(int segment) {
        return nodes.getOrDefault(segment, List.of());
    }

    private void assign(Node node) {
        boolean size = !node.outputs().isEmpty() && node.outputs().stream().allMatch(flow::isSize);
        if (size) {
            return;
        }
        boolean start = node.outputs().stream().anyMatch(cut::isStart);
        boolean hidden = node.outputs().stream().anyMatch(cut::isHidden);
        boolean beside = hidden && node.outputs().stream().allMatch(cut::isBeside);
        if (hidden && !start && !beside) {
            Integer place = cut.place(node.output());
            segments.put(node.id(), cut.siteAt(java.util.Objects.requireNonNull(place)));
        } else if (start || clusterOf.containsKey(node.id())) {
            segments.put(node.id(), EMBED);
        } else {
            Set<Integer> where = new HashSet<>();
            node.outputs().forEach(v -> where.addAll(usedIn(v)));
            segments.put(node.id(), where.size() == 1 ? where.iterator().next() : EMBED);
        }
    }

    /** What takes a list apart stays where the list is. */
    private void keepWithProducer(Node node) {
        boolean takesApart = node.op().equals("unpack") || node.op().equals("index");
        if (takesApart && segments.containsKey(node.id()) && !cut.isHidden(node.output())) {
            node.uses().forEach(use -> {
                Node producer = graph.producer(use);
                if (producer != null && segments.getOrDefault(producer.id(), EMBED) == EMBED) {
                    segments.put(node.id(), EMBED);
                }
            });
        }
    }

    private void check(Set<Integer> cluster) {
        Set<Integer> where = new HashSet<>();
        cluster.forEach(id -> where.add(segments.get(id)));
        where.remove(null);
        if (where.size() > 1) {
            Node node = graph.nodes().stream()
                    .filter(n -> cluster.contains(n.id()) && Operators.mutates(n))
                    .findFirst()
                    .orElseThrow();
            throw new NotUnderstood(
                    node.op() + " (" + node.line() + ") changes in place what the hidden state shares memory with",
                    Remedy.NOT_IN_PLACE);
        }
    }

    private Set<Integer> usedIn(String value) {
        Set<Integer> known = usedIn.get(value);
        if (known != null) {
            return known;
        }
        Set<Integer> where = new HashSet<>();
        for (Node user : graph.users(value)) {
            if (References.of(user).containsKey(value) && cut.isHidden(value)) {
                continue;
            }
            if (!user.outputs().isEmpty() && user.outputs().stream().allMatch(flow::isSize)) {
                user.outputs().forEach(v -> where.addAll(usedIn(v)));
            } else {
                where.add(segments.getOrDefault(user.id(), EMBED));
            }
        }
        usedIn.put(value, where);
        return where;
    }
}
