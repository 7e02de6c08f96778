package io.adacache.djl.instrument.graph;

import io.adacache.djl.instrument.syntax.Expr;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Cuts a graph along its residual streams. Between two sites nothing but the hidden state may cross; where something else
 * does (a branch that runs parallel to another one), the two sites become one. Whatever does not depend on the hidden state is
 * computed with the site that alone needs it, or in {@code embed}.
 */
final class Cut {
    static final int EMBED = -1;
    private static final int MAX_MERGED = 3;

    private final Flow flow;
    private final Graph graph;
    private final Streams streams;
    private final Set<Integer> pinned;
    private final Map<String, StreamAdd> adds = new HashMap<>();
    private final Map<String, Integer> streamOf = new HashMap<>();
    private final Map<String, Integer> depth = new HashMap<>();
    private final List<List<StreamAdd>> sites = new ArrayList<>();
    private final List<List<String>> states = new ArrayList<>();
    private final Map<Integer, Integer> segments = new HashMap<>();
    private final Set<Integer> needed = new HashSet<>();
    private int[] siteOfLevel = new int[0];

    Cut(Flow flow, Streams streams, Set<Integer> pinned) {
        this.flow = flow;
        this.graph = flow.graph();
        this.streams = streams;
        this.pinned = pinned;
        List<Streams.Stream> all = streams.streams();
        for (int i = 0; i < all.size(); i++) {
            depth.put(all.get(i).start(), 0);
            for (StreamAdd add : all.get(i).adds()) {
                adds.put(add.output(), add);
                streamOf.put(add.output(), i);
            }
        }
        depths();
        group();
        markNeeded();
        assign();
    }

    Flow flow() {
        return flow;
    }

    /** The additions of each site, one per stream that it changes. */
    List<List<StreamAdd>> sites() {
        return sites;
    }

    /** The values that make up the hidden state before each site, and after the last. */
    List<List<String>> states() {
        return states;
    }

    /** The operations of a segment in order: {@link #EMBED}, a site, or, with the number of sites, the head. */
    List<Node> segment(int segment) {
        return graph.nodes().stream()
                .filter(n -> segments.getOrDefault(n.id(), Integer.MIN_VALUE) == segment)
                .toList();
    }

    /** Whether a value depends on the hidden state. */
    boolean isHidden(String value) {
        return depth.containsKey(value);
    }

    /** The addition on a stream that a node is, or null. */
    @Nullable
    StreamAdd addition(Node node) {
        return node.outputs().isEmpty() ? null : adds.get(node.output());
    }

    private final Map<String, Integer> ranks = new HashMap<>();

    /** Tells numbers of dimensions, seen in a call. */
    void ranks(Map<String, long[]> shapes) {
        shapes.forEach((value, shape) -> ranks.put(value, shape.length));
    }

    /** The number of dimensions of a value along the spine, or -1. */
    int rank(String value) {
        return ranks.getOrDefault(value, -1);
    }

    int streamOf(StreamAdd add) {
        return streamOf.get(add.output());
    }

    private void depths() {
        for (Node node : graph.nodes()) {
            int deepest = -1;
            for (String use : flow.data(node)) {
                deepest = Math.max(deepest, depth.getOrDefault(use, -1));
            }
            if (deepest >= 0) {
                int level = adds.containsKey(node.outputs().isEmpty() ? "" : node.output()) ? deepest + 1 : deepest;
                node.outputs().forEach(v -> depth.put(v, level));
            }
        }
    }

    /** Levels become sites, unless something besides the streams crosses from one into the next. */
    private void group() {
        int levels = adds.keySet().stream().mapToInt(depth::get).max().orElse(0);
        TreeSet<Integer> cuts = new TreeSet<>();
        for (int i = 0; i <= levels; i++) {
            cuts.add(i);
        }
        Map<Integer, String> crossing = new HashMap<>();
        for (Node node : graph.nodes()) {
            if (node.outputs().isEmpty() || !depth.containsKey(node.output())) {
                continue;
            }
            int to = place(node.output());
            for (String use : flow.data(node)) {
                int from = depth.containsKey(use) ? place(use) : to;
                for (int cut = from + 1; cut <= to; cut++) {
                    if (!stateAt(cut).contains(use) && leadsToOutput(node)) {
                        cuts.remove(cut);
                        crossing.putIfAbsent(cut, node.op() + " (" + node.line() + ")");
                    }
                }
            }
        }
        if (!cuts.contains(levels)) {
            throw new NotUnderstood("the head reads more than the last hidden state: " + crossing.get(levels));
        }
        siteOfLevel = new int[levels + 1];
        int site = 0;
        int width = 0;
        for (int level = 1; level <= levels; level++) {
            siteOfLevel[level] = site;
            width++;
            if (width > MAX_MERGED) {
                throw new NotUnderstood("more than " + MAX_MERGED + " residuals cannot be told apart, for "
                        + crossing.values().iterator().next() + " reads the hidden state of an earlier one");
            }
            if (cuts.contains(level)) {
                site++;
                width = 0;
            }
        }
        collect(site, levels, cuts);
    }

    private void collect(int count, int levels, TreeSet<Integer> cuts) {
        for (int i = 0; i < count; i++) {
            sites.add(new ArrayList<>());
        }
        for (Streams.Stream stream : streams.streams()) {
            for (StreamAdd add : stream.adds()) {
                sites.get(siteOfLevel[depth.get(add.output())]).add(add);
            }
        }
        cuts.removeIf(level -> level > levels);
        cuts.forEach(level -> states.add(stateAt(level)));
    }

    /** The site level in which a value is computed: an addition one level below the depth that it opens. */
    private int place(String value) {
        int d = depth.get(value);
        return adds.containsKey(value) ? d - 1 : d;
    }

    private final Map<Integer, List<String>> stateAt = new HashMap<>();

    private List<String> stateAt(int level) {
        return stateAt.computeIfAbsent(level, l -> {
            List<Streams.Stream> all = streams.streams();
            if (all.size() == 3
                    && !all.get(2).adds().isEmpty()
                    && depth.get(all.get(2).adds().get(0).output()) <= l) {
                return List.of(latest(all.get(2), l));
            }
            List<String> state = new ArrayList<>();
            all.subList(0, Math.min(2, all.size())).forEach(s -> state.add(latest(s, l)));
            return List.copyOf(state);
        });
    }

    private String latest(Streams.Stream stream, int level) {
        String value = stream.start();
        for (StreamAdd add : stream.adds()) {
            value = depth.get(add.output()) <= level ? add.output() : value;
        }
        return value;
    }

    private boolean leadsToOutput(Node node) {
        if (leading.isEmpty()) {
            leading.addAll(flow.between(graph.output(), graph.inputs().get(0).value()));
            leading.add(graph.output());
        }
        return node.outputs().stream().anyMatch(leading::contains);
    }

    private final Set<String> leading = new HashSet<>();

    private void markNeeded() {
        Set<String> values = new LinkedHashSet<>(Set.of(graph.output()));
        for (int i = graph.nodes().size() - 1; i >= 0; i--) {
            Node node = graph.nodes().get(i);
            if (pinned.contains(node.id()) || node.outputs().stream().anyMatch(values::contains)) {
                needed.add(node.id());
                values.addAll(node.uses());
            }
        }
    }

    private void assign() {
        Set<String> starts = new HashSet<>(states.get(0));
        for (int i = graph.nodes().size() - 1; i >= 0; i--) {
            Node node = graph.nodes().get(i);
            boolean size = node.outputs().stream().allMatch(flow::isSize);
            if (!needed.contains(node.id()) || size) {
                continue;
            }
            boolean hidden = node.outputs().stream().anyMatch(depth::containsKey)
                    && node.outputs().stream().noneMatch(starts::contains);
            if (hidden) {
                if (pinned.contains(node.id())) {
                    throw new NotUnderstood(
                            node.op() + " (" + node.line() + ") shares memory with something that is changed in place");
                }
                segments.put(node.id(), segmentOf(node));
            } else if (pinned.contains(node.id()) || node.outputs().stream().anyMatch(starts::contains)) {
                segments.put(node.id(), EMBED);
            } else {
                Set<Integer> where = new HashSet<>();
                node.outputs().forEach(v -> where.addAll(usedIn(v)));
                segments.put(node.id(), where.size() == 1 ? where.iterator().next() : EMBED);
            }
        }
        for (Node node : graph.nodes()) {
            boolean takesApart = node.op().equals("unpack") || node.op().equals("index");
            if (takesApart && segments.containsKey(node.id()) && !isHidden(node.output())) {
                node.uses().forEach(use -> {
                    Node producer = graph.producer(use);
                    if (producer != null && segments.getOrDefault(producer.id(), EMBED) == EMBED) {
                        segments.put(node.id(), EMBED);
                    }
                });
            }
        }
    }

    private int segmentOf(Node node) {
        int level = place(node.output()) + 1;
        return level < siteOfLevel.length ? siteOfLevel[level] : sites.size();
    }

    private final Map<String, Set<Integer>> usedIn = new HashMap<>();

    private Set<Integer> usedIn(String value) {
        Set<Integer> known = usedIn.get(value);
        if (known != null) {
            return known;
        }
        Set<Integer> where = new HashSet<>();
        for (Node user : graph.users(value)) {
            if (!needed.contains(user.id())) {
                continue;
            }
            if (user.outputs().stream().allMatch(flow::isSize)
                    && !user.outputs().isEmpty()) {
                user.outputs().forEach(v -> where.addAll(usedIn(v)));
            } else {
                where.add(segments.getOrDefault(user.id(), EMBED));
            }
        }
        usedIn.put(value, where);
        return where;
    }

    /** Glue between the state before a site and an addition's stream operand, in order; a concatenation comes first. */
    List<Node> glue(StreamAdd add, List<String> state) {
        List<Node> nodes = new ArrayList<>();
        String value = add.stream();
        while (!state.contains(value)) {
            Node node = java.util.Objects.requireNonNull(graph.producer(value));
            if (adds.containsKey(value)) {
                value = adds.get(value).stream();
                continue;
            }
            nodes.add(0, node);
            Expr first = node.argument(0);
            if (!(first instanceof Expr.Name name)) {
                break;
            }
            value = name.id();
        }
        return nodes;
    }
}
