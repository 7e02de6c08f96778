package io.adacache.djl.instrument.graph;

import io.adacache.djl.instrument.syntax.Expr;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds the residual streams of a graph by one rule: an addition {@code add(s, r)} in which {@code r} depends on {@code s} adds a
 * residual. Additions inside of another one's residual are no part of the stream. Streams are walked from the last addition
 * back to the first; on the way only glue (permutations, reshapes) and further additions are allowed.
 */
final class Streams {
    /** One stream: its first value and its additions in order. Two streams may be joined by a concatenation. */
    record Stream(String start, List<StreamAdd> adds) {}

    private final Flow flow;
    private final Graph graph;
    private final Map<String, StreamAdd> residuals = new LinkedHashMap<>();
    private final Map<String, Boolean> hits = new HashMap<>();
    private final List<Stream> streams = new ArrayList<>();
    private @Nullable Node joint;
    private @Nullable String obstacle;

    Streams(Flow flow) {
        this.flow = flow;
        this.graph = flow.graph();
        graph.nodes().stream().filter(Streams::isAdd).forEach(this::classify);
        residuals.keySet().removeAll(nested());
        walkAll();
    }

    /** Streams: one; or two; or two and, last, the one into which they are joined. The first is the one that the output follows. */
    List<Stream> streams() {
        return streams;
    }

    /** The concatenation that joins two streams, or null. */
    @Nullable
    Node joint() {
        return joint;
    }

    static boolean isAdd(Node node) {
        if (!node.op().equals("torch.add")
                || !(node.expr() instanceof Expr.Call call)
                || call.arguments().size() < 2) {
            return false;
        }
        if (call.arguments().size() == 2) {
            return true;
        }
        Expr alpha = call.arguments().get(2).value();
        return call.arguments().size() == 3
                && (alpha.toString().equals("1") || alpha.toString().equals("1."));
    }

    private void classify(Node node) {
        String a = node.value(0);
        String b = node.value(1);
        if (a == null || b == null || flow.isSize(a) || flow.isSize(b) || a.equals(b)) {
            return;
        }
        if (flow.depends(b, a)) {
            residuals.put(node.output(), new StreamAdd(node, a, new Expr.Name(b), true));
        } else if (flow.depends(a, b)) {
            residuals.put(node.output(), new StreamAdd(node, b, new Expr.Name(a), true));
        }
    }

    private Set<String> nested() {
        Set<String> nested = new HashSet<>();
        for (StreamAdd outer : residuals.values()) {
            Set<String> inside = new HashSet<>();
            for (String value : flow.between(outer.residual().toString(), outer.stream())) {
                StreamAdd inner = residuals.get(value);
                if (inner != null && flow.depends(value, outer.stream())) {
                    inside.add(value);
                }
            }
            // A skip over a large part of the model is no residual of its own; what lies inside is the spine.
            if (inside.size() <= Math.max(4, residuals.size() / 3)) {
                nested.addAll(inside);
            }
        }
        return nested;
    }

    private void walkAll() {
        Set<String> leading = flow.between(graph.output(), graph.inputs().get(0).value());
        StreamAdd last = null;
        for (StreamAdd add : residuals.values()) {
            last = leading.contains(add.output()) ? add : last;
        }
        if (last == null) {
            throw new NotUnderstood(
                    "no residual addition was found: no addition whose one operand is computed from the other");
        }
        streams.add(walk(parallel(last)));
        if (joint != null) {
            Stream joined = streams.remove(0);
            for (Expr item : ((Expr.ListOf) java.util.Objects.requireNonNull(joint.argument(0))).items()) {
                streams.add(walk(item.toString()));
            }
            streams.add(joined);
        } else {
            second();
        }
        Set<String> known = new HashSet<>();
        streams.forEach(s -> s.adds().forEach(a -> known.add(a.output())));
        Set<String> starts = new HashSet<>();
        streams.forEach(s -> starts.add(s.start()));
        Set<String> later = flow.descendants(starts);
        long missed = residuals.keySet().stream()
                .filter(v -> leading.contains(v) && !known.contains(v))
                .filter(v -> later.contains(v) || obstacle != null)
                .count();
        if (missed > 0) {
            throw new NotUnderstood((obstacle == null ? "residual additions lie on no common stream" : obstacle) + "; "
                    + missed + " of " + (missed + known.size()) + " residual additions would be left out");
        }
    }

    /** Behind the last residual a parallel branch may be added, which reads the hidden state before that residual. */
    private String parallel(StreamAdd last) {
        String value = last.output();
        boolean more = true;
        while (more) {
            more = false;
            for (Node user : graph.users(value)) {
                int side = value.equals(user.value(0)) ? 1 : 0;
                String other = isAdd(user) ? user.value(side) : null;
                if (other != null
                        && !flow.isSize(other)
                        && flow.depends(other, last.stream())
                        && !flow.depends(other, value)) {
                    value = user.output();
                    more = true;
                    break;
                }
            }
        }
        return value;
    }

    /** A second stream (text beside video) is what is left over and depends on the first. */
    private void second() {
        Stream first = streams.get(0);
        Set<String> known = new HashSet<>();
        first.adds().forEach(a -> known.add(a.output()));
        Set<String> later = flow.descendants(Set.of(first.start()));
        StreamAdd last = null;
        for (StreamAdd add : residuals.values()) {
            last = later.contains(add.output()) && !known.contains(add.output()) ? add : last;
        }
        if (last != null && obstacle == null) {
            streams.add(walk(last.output()));
        }
    }

    private Stream walk(String from) {
        List<StreamAdd> adds = new ArrayList<>();
        String value = from;
        String start = from;
        while (true) {
            Node node = graph.producer(value);
            if (node == null) {
                break;
            }
            StreamAdd add = onStream(node);
            if (add != null) {
                adds.add(add);
                value = add.stream();
                start = value;
            } else if (isGlue(node)) {
                value = java.util.Objects.requireNonNull(node.value(0));
            } else {
                stop(node, !adds.isEmpty());
                break;
            }
        }
        Collections.reverse(adds);
        return new Stream(start, List.copyOf(adds));
    }

    private void stop(Node node, boolean afterAdds) {
        if (node.shortOp().equals("cat")
                && node.argument(0) instanceof Expr.ListOf list
                && list.items().size() == 2) {
            boolean both = list.items().stream().allMatch(i -> i instanceof Expr.Name n && hits(n.id()));
            if (both && joint == null && afterAdds) {
                joint = node;
                return;
            }
        }
        for (String use : flow.data(node)) {
            if (hits(use)) {
                obstacle = "between residual additions the hidden state goes through " + node.op() + " (" + node.line()
                        + "), which is no addition and no permutation";
            }
        }
    }

    /** The node as an addition on the stream: a residual, or a term added to something that a residual was added to. */
    private @Nullable StreamAdd onStream(Node node) {
        StreamAdd own = residuals.get(node.output());
        if (own != null) {
            return own;
        }
        if (!isAdd(node)) {
            return null;
        }
        for (int side = 0; side < 2; side++) {
            String stream = node.value(side);
            Expr other = node.argument(1 - side);
            if (stream != null && other != null && hits(stream) && !(other instanceof Expr.Name n && hits(n.id()))) {
                return new StreamAdd(node, stream, other, false);
            }
        }
        return null;
    }

    /** Whether glue and additions alone lead from a value back to a residual addition. */
    private boolean hits(String value) {
        Boolean known = hits.get(value);
        if (known != null) {
            return known;
        }
        hits.put(value, false);
        boolean result = false;
        String at = value;
        while (!result) {
            Node node = graph.producer(at);
            if (node == null) {
                break;
            }
            if (residuals.containsKey(node.output())) {
                result = true;
            } else if (isGlue(node)) {
                at = java.util.Objects.requireNonNull(node.value(0));
            } else if (isAdd(node)) {
                String a = node.value(0);
                String b = node.value(1);
                result = (a != null && hits(a)) || (b != null && hits(b));
                break;
            } else {
                break;
            }
        }
        hits.put(value, result);
        return result;
    }

    boolean isGlue(Node node) {
        String first = node.value(0);
        if (!node.op().startsWith("torch.") || first == null || flow.isSize(first)) {
            return false;
        }
        return node.shortOp().equals("slice") ? wholeSlice(node) : Operators.GLUE.contains(node.shortOp());
    }

    /** {@code x[:]}, which a tracer writes out. */
    private static boolean wholeSlice(Node node) {
        return text(node, 2).equals("0")
                && text(node, 3).equals("9223372036854775807")
                && (text(node, 4).isEmpty() || text(node, 4).equals("1"));
    }

    private static String text(Node node, int position) {
        Expr argument = node.argument(position);
        return argument == null ? "" : argument.toString();
    }
}
