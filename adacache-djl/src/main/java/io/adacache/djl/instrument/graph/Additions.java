package io.adacache.djl.instrument.graph;

import io.adacache.djl.instrument.syntax.Expr;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Finds residual additions by one rule: a sum {@code s + r} in which {@code r} depends on {@code s} adds a residual; casts and
 * rearrangements of {@code s} are {@code s}. Sums inside of another one's residual do not count, nor does a skip around others, nor
 * a modulation: {@code h + h * scale}, or a shift that earlier blocks have used.
 */
final class Additions {
    private final Flow flow;
    private final Graph graph;
    private final Glue glue;
    private final Map<String, StreamAdd> found = new LinkedHashMap<>();

    private Additions(Flow flow, Glue glue) {
        this.flow = flow;
        this.graph = flow.graph();
        this.glue = glue;
    }

    /** The residual additions by their result, in the order of execution. */
    static Map<String, StreamAdd> of(Flow flow, Glue glue) {
        Additions additions = new Additions(flow, glue);
        flow.graph().nodes().forEach(additions::classify);
        List<StreamAdd> around =
                additions.found.values().stream().filter(additions::skipsAround).toList();
        around.forEach(a -> additions.found.remove(a.output()));
        Map<String, Integer> lengths = new HashMap<>();
        additions.found.keySet().forEach(sum -> lengths.merge(additions.begin(sum), 1, Integer::sum));
        List<StreamAdd> skips = additions.found.values().stream()
                .filter(a -> additions.aroundAll(a, lengths))
                .toList();
        skips.forEach(a -> additions.found.remove(a.output()));
        additions.found.keySet().removeAll(additions.nested());
        return additions.found;
    }

    private void classify(Node node) {
        Sum sum = Sum.of(node);
        if (sum == null || node.outputs().isEmpty() || flow.isSize(node.output())) {
            return;
        }
        if (owns(node, sum.first(), sum.second()) && (!sum.subtracts() || projects(node, sum))) {
            found.put(node.output(), new StreamAdd(node, sum.first().toString(), sum.second(), true));
        } else if (sum.swaps() && owns(node, sum.second(), sum.first())) {
            found.put(node.output(), new StreamAdd(node, sum.second().toString(), sum.first(), true));
        }
    }

    private boolean owns(Node node, Expr stream, Expr residual) {
        if (!(stream instanceof Expr.Name s) || !node.uses().contains(s.id()) || flow.isSize(s.id())) {
            return false;
        }
        Set<String> values = values(node, residual);
        String root = glue.root(s.id());
        boolean same = values.stream().allMatch(v -> glue.root(v).equals(root));
        return !same
                && flow.between(values, graph.position(root), Set.of()).contains(root)
                && (found.containsKey(root) || !modulates(node, s.id(), residual))
                && !shifts(root, values);
    }

    private boolean modulates(Node node, String stream, Expr residual) {
        return way(node, stream, residual).stream().map(Node::shortOp).allMatch(Operators.ELEMENTWISE::contains);
    }

    /**
     * Whether a value only shifts a stream that had begun without it: between one of that stream's sums and what the value is added
     * to there is no projection, so it is a normalised stream, and the value a modulation that earlier blocks have used as well.
     */
    private boolean shifts(String value, Set<String> to) {
        Deque<String> open = new ArrayDeque<>(to);
        Set<String> seen = new HashSet<>();
        while (!open.isEmpty()) {
            String at = open.pop();
            Node node = graph.producer(at);
            if (node == null || at.equals(value) || !seen.add(at)) {
                continue;
            }
            if (found.containsKey(at)) {
                String begin = begin(at);
                if (!flow.depends(begin, value) && !flow.depends(value, begin) && !begin.equals(value)) {
                    return true;
                }
            } else if (!Operators.projects(node)) {
                flow.data(node).forEach(open::push);
            }
        }
        return false;
    }

    /** Where the stream of a sum begins, seen backwards through sums and rearrangements. */
    private String begin(String sum) {
        String at = sum;
        while (found.containsKey(at)) {
            at = glue.root(found.get(at).stream());
        }
        return at;
    }

    /** Whether a weighted projection lies between the stream and what is taken off it; else it is a mean, or the like. */
    private boolean projects(Node node, Sum sum) {
        return way(node, sum.first().toString(), sum.second()).stream().anyMatch(Operators::projects);
    }

    /** The operations that lead from the stream to what is added to it, in order. */
    private List<Node> way(Node node, String stream, Expr residual) {
        String root = glue.root(stream);
        Set<String> back = flow.between(values(node, residual), graph.position(root), Set.of());
        Set<String> ahead = new HashSet<>(Set.of(root));
        return back.stream()
                .map(graph::producer)
                .filter(java.util.Objects::nonNull)
                .distinct()
                .sorted(java.util.Comparator.comparingInt(Node::id))
                .filter(n -> flow.data(n).stream().anyMatch(ahead::contains) && ahead.addAll(n.outputs()))
                .toList();
    }

    private Set<String> values(Node node, Expr residual) {
        Set<String> values = new LinkedHashSet<>();
        Names.collect(residual, values);
        values.retainAll(node.uses());
        values.removeIf(flow::isSize);
        return values;
    }

    /** {@code x + (x + r1 + r2)}: what looks like a residual is the stream itself, further on; or a term that is added twice. */
    private boolean skipsAround(StreamAdd add) {
        String root = glue.root(add.stream());
        Deque<String> open = new ArrayDeque<>(List.of(add.residual().toString()));
        Set<String> seen = new HashSet<>();
        while (!open.isEmpty()) {
            String at = glue.root(open.pop());
            if (at.equals(root)) {
                return true;
            }
            Node node = graph.producer(at);
            if (node == null || !seen.add(at)) {
                continue;
            }
            Sum sum = Sum.of(node);
            if (found.containsKey(at)) {
                open.push(found.get(at).stream());
            } else if (sum != null) {
                open.push(sum.first().toString());
                open.push(sum.second().toString());
            }
        }
        return false;
    }

    private Set<String> nested() {
        Set<String> nested = new HashSet<>();
        for (StreamAdd outer : found.values()) {
            Set<String> inside = inside(outer);
            // A skip over a large part of the model is no residual of its own; what lies inside is the spine.
            if (inside.size() <= Math.max(4, found.size() / 3)) {
                nested.addAll(inside);
            }
        }
        return nested;
    }

    /** Whether a sum that is alone on its stream has a longer stream within what it adds: the head adds what the model began with. */
    private boolean aroundAll(StreamAdd add, Map<String, Integer> lengths) {
        boolean alone = Integer.valueOf(1).equals(lengths.get(begin(add.output())));
        return alone && inside(add).stream().anyMatch(sum -> lengths.getOrDefault(begin(sum), 0) > 1);
    }

    /** Residual additions between the stream and what is added to it. */
    private Set<String> inside(StreamAdd outer) {
        Set<String> inside = new HashSet<>();
        for (Node node : way(outer.node(), outer.stream(), outer.residual())) {
            node.outputs().stream().filter(found::containsKey).forEach(inside::add);
        }
        return inside;
    }
}
