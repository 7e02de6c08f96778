package io.adacache.djl.instrument.graph;

import io.adacache.djl.instrument.syntax.Expr;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The residual streams of a graph: additions that are linked by nothing but glue, back to the values at which they start. What
 * does not depend on the latent (a text encoder's tail with residuals of its own) is no part of them.
 */
final class Trunk {
    private final Flow flow;
    private final Graph graph;
    private final Glue glue;
    private final Map<String, StreamAdd> own;
    private final Set<String> cone;
    private final Map<String, Set<String>> reach = new HashMap<>();
    private final Map<String, StreamAdd> adds = new LinkedHashMap<>();
    private final Set<String> starts = new LinkedHashSet<>();
    private final Islands islands;
    private final boolean apart;

    /**
     * @param apart whether streams that start joined, none of them the latent's, are a stream each
     */
    Trunk(Flow flow, Glue glue, String latent, boolean apart) {
        this.apart = apart;
        this.flow = flow;
        this.graph = flow.graph();
        this.glue = glue;
        this.own = Additions.of(flow, glue);
        this.cone = flow.descendants(Set.of(latent));
        own.keySet().retainAll(cone);
        if (own.isEmpty()) {
            throw new NotUnderstood(
                    "no residual addition was found: no addition whose one operand is computed from the other");
        }
        this.islands = new Islands(flow, own, this::reach);
        islands.streams().forEach(v -> adds.put(v, own.get(v)));
        reach.clear();
        own.keySet().retainAll(adds.keySet());
        tail();
        List.copyOf(adds.values()).forEach(this::walk);
        repeatedTerms();
        sort();
        islands.lost(this).ifPresent(reason -> {
            throw new NotUnderstood(reason);
        });
    }

    Flow flow() {
        return flow;
    }

    Glue glue() {
        return glue;
    }

    /** The additions of all streams by their result, in the order of execution. */
    Map<String, StreamAdd> adds() {
        return adds;
    }

    /** Residual additions in front of the streams, behind them or beside them: no sites. */
    Set<String> outside() {
        return islands.outside();
    }

    /** Values that are computed through a branch with residuals of its own, which reads the first state only. */
    Set<String> beside() {
        return islands.beside(starts);
    }

    /** The values at which the streams start, as they are met. */
    List<String> starts() {
        return List.copyOf(starts);
    }

    /** Whether a value depends on the latent. */
    boolean inCone(String value) {
        return cone.contains(value);
    }

    /** Whether a value is a stream's, at some place: a start, a sum, or either behind glue. */
    boolean onTrunk(String value) {
        return starts.contains(value)
                || adds.containsKey(value)
                || (leads(value) && !glueSources(value).isEmpty());
    }

    private boolean leads(String value) {
        return !reach(value).isEmpty() || glueSources(value).stream().anyMatch(v -> starts.contains(v) || leads(v));
    }

    List<String> glueSources(String value) {
        Node node = graph.producer(value);
        return node == null || adds.containsKey(value) ? List.of() : glue.sources(node);
    }

    /** The sums and starts from which glue alone leads to a value. */
    Set<String> roots(String value) {
        Set<String> roots = new LinkedHashSet<>();
        Deque<String> open = new ArrayDeque<>(List.of(value));
        while (!open.isEmpty()) {
            String at = open.pop();
            if (starts.contains(at) || adds.containsKey(at)) {
                roots.add(at);
            } else {
                glueSources(at).forEach(open::push);
            }
        }
        return roots;
    }

    /** The residual additions from which glue and terms alone lead to a value. */
    private Set<String> reach(String value) {
        Set<String> known = reach.get(value);
        if (known != null) {
            return known;
        }
        if (own.containsKey(value)) {
            return Set.of(value);
        }
        reach.put(value, Set.of());
        Node node = graph.producer(value);
        Set<String> found = new HashSet<>();
        if (node != null) {
            List<String> next = new ArrayList<>(glue.sources(node));
            Sum sum = next.isEmpty() ? Sum.of(node) : null;
            if (sum != null) {
                next.add(sum.first().toString());
                next.add(sum.second().toString());
            }
            next.forEach(v -> found.addAll(reach(v)));
        }
        reach.put(value, found);
        return found;
    }

    /** From an addition back to those before it or to a start; terms that are added on the way become additions as well. */
    private void walk(StreamAdd add) {
        Deque<String> open = new ArrayDeque<>(List.of(add.stream()));
        Set<String> seen = new HashSet<>();
        while (!open.isEmpty()) {
            String value = open.pop();
            if (own.containsKey(value) || !seen.add(value)) {
                continue;
            }
            Node node = graph.producer(value);
            StreamAdd term = node == null || reach(value).isEmpty() ? null : changed(node);
            if (term != null) {
                adds.put(value, term);
                open.push(term.stream());
            } else if (node != null && !reach(value).isEmpty()) {
                glue.sources(node).forEach(open::push);
            } else {
                start(read(value, add));
            }
        }
    }

    /** Of a value and what it is a cast or view of, the first one that an addition's residual is computed from. */
    private String read(String value, StreamAdd add) {
        String oldest = glue.root(value);
        Set<String> residual = new HashSet<>();
        Names.collect(add.residual(), residual);
        residual.retainAll(add.node().uses());
        Set<String> read = flow.between(residual, graph.position(oldest), Set.of());
        String at = value;
        while (!read.contains(at) && !at.equals(oldest)) {
            at = java.util.Objects.requireNonNull(glue.whole(java.util.Objects.requireNonNull(graph.producer(at))));
        }
        return read.contains(at) ? at : value;
    }

    private @Nullable StreamAdd changed(Node node) {
        StreamAdd exchange = exchange(node);
        return exchange == null ? term(node) : exchange;
    }

    /** Some channels of a stream, joined with others that no residual leads to: before each block a part of a text is another one. */
    private @Nullable StreamAdd exchange(Node node) {
        if (!Glue.joins(node) || !"-1".equals(String.valueOf(node.argument(1)))) {
            return null;
        }
        List<String> kept = Glue.items(node).stream()
                .filter(v -> flow.between(Set.of(v), -1, Set.of()).stream().anyMatch(own::containsKey))
                .toList();
        if (kept.size() != 1 || Glue.items(node).size() < 2) {
            return null;
        }
        String whole = kept.get(0);
        Node slice = graph.producer(whole);
        boolean cut = false;
        while (slice != null && Glue.isSlice(slice) && (!cut || Glue.wholeSlice(slice))) {
            cut |= !Glue.wholeSlice(slice);
            whole = java.util.Objects.requireNonNull(slice.value(0));
            slice = graph.producer(whole);
        }
        Expr change = Sum.call("sub", new Expr.Name(node.output()), new Expr.Name(whole));
        return whole.equals(kept.get(0)) ? null : new StreamAdd(node, whole, change, false);
    }

    /** A sum that adds a term to what a residual was added to; of two such operands the later one is the stream. */
    private @Nullable StreamAdd term(Node node) {
        Sum sum = Sum.of(node);
        if (sum == null || !glue.sources(node).isEmpty()) {
            return null;
        }
        String first = sum.first().toString();
        String second = sum.second().toString();
        boolean swap = sum.swaps() && latest(reach(second)) > latest(reach(first));
        return swap ? new StreamAdd(node, second, sum.first(), false) : new StreamAdd(node, first, sum.second(), false);
    }

    private int latest(Collection<String> values) {
        return values.stream().mapToInt(graph::position).max().orElse(-1);
    }

    /** Where streams start joined, each part is a start of its own if not all of them come from the latent. */
    private void start(String value) {
        String at = value;
        Node node = graph.producer(at);
        while (node != null && glue.whole(node) != null) {
            at = java.util.Objects.requireNonNull(glue.whole(node));
            node = graph.producer(at);
        }
        List<String> items = node != null && Glue.joins(node) && alongTokens(node) ? Glue.items(node) : List.of();
        long fromLatent = items.stream().filter(cone::contains).count();
        if (items.size() > 1 && (apart || fromLatent > 0) && fromLatent < items.size()) {
            items.forEach(this::start);
        } else {
            starts.add(value);
        }
    }

    private static boolean alongTokens(Node cat) {
        return String.valueOf(cat.argument(1)).matches("0|1|-2|null");
    }

    /** A term that is added to the start and again later on is no part of the start: every block begins with it. */
    private void repeatedTerms() {
        Set<String> terms = new HashSet<>();
        adds.values().stream()
                .filter(a -> !a.own())
                .forEach(a -> terms.add(glue.root(a.residual().toString())));
        for (String start : List.copyOf(starts)) {
            Node node = graph.producer(start);
            Sum sum = node == null ? null : Sum.of(node);
            if (node == null || sum == null || terms.isEmpty()) {
                continue;
            }
            boolean second = terms.contains(glue.root(sum.second().toString()));
            boolean first = sum.swaps() && terms.contains(glue.root(sum.first().toString()));
            if (first || second) {
                String stream = (second ? sum.first() : sum.second()).toString();
                adds.put(start, new StreamAdd(node, stream, second ? sum.second() : sum.first(), false));
                starts.remove(start);
                start(stream);
            }
        }
    }

    /** Behind the last residual a parallel branch may be added, which reads the hidden state before that residual. */
    private void tail() {
        Set<String> ends = islands.ends();
        for (String end : List.copyOf(ends)) {
            String value = end;
            StreamAdd last = java.util.Objects.requireNonNull(adds.get(end));
            StreamAdd next = parallel(value, last, ends);
            while (next != null) {
                adds.put(next.output(), next);
                own.put(next.output(), next);
                reach.clear();
                value = next.output();
                next = parallel(value, last, ends);
            }
        }
    }

    private @Nullable StreamAdd parallel(String value, StreamAdd last, Set<String> ends) {
        String before = glue.root(last.stream());
        for (Node user : graph.users(value)) {
            Sum sum = Sum.of(user);
            if (sum == null || own.containsKey(user.output())) {
                continue;
            }
            boolean first = sum.first().toString().equals(value);
            Expr other = first ? sum.second() : sum.first();
            Set<String> names = new HashSet<>();
            Names.collect(other, names);
            names.retainAll(user.uses());
            boolean older = flow.between(names, graph.position(before), ends).contains(before);
            if ((first || sum.swaps()) && older && !names.contains(before)) {
                return new StreamAdd(user, value, other, false);
            }
        }
        return null;
    }

    private void sort() {
        List<StreamAdd> sorted = new ArrayList<>(adds.values());
        sorted.sort(java.util.Comparator.comparingInt(a -> a.node().id()));
        adds.clear();
        sorted.forEach(a -> adds.put(a.output(), a));
    }
}
