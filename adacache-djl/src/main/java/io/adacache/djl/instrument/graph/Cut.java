package io.adacache.djl.instrument.graph;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Cuts a graph along its residual streams. Between two sites nothing but the hidden state may cross; where something else
 * does (a branch that runs parallel to another one), the two sites become one.
 */
final class Cut {
    private static final int MAX_MERGED = 3;

    private final Flow flow;
    private final Graph graph;
    private final Trunk trunk;
    private final Map<String, Integer> depth = new HashMap<>();
    private final Set<String> starts;
    private final Set<String> beside;
    private final Set<String> exchangedRoots = new HashSet<>();
    private final List<Set<String>> fronts = new ArrayList<>();
    private final List<List<StreamAdd>> sites = new ArrayList<>();
    private final List<List<String>> states = new ArrayList<>();
    private final Map<Integer, Integer> places = new HashMap<>();
    private final int[] siteOfLevel;

    Cut(Trunk trunk, List<Set<Integer>> clusters) {
        this.flow = trunk.flow();
        this.graph = flow.graph();
        this.trunk = trunk;
        this.starts = new LinkedHashSet<>(trunk.starts());
        this.beside = new HashSet<>(trunk.beside());
        // What leads from one stream's start to another's start is there before the first site.
        beside.addAll(flow.between(starts, -1, Set.of()));
        trunk.adds().values().stream()
                .filter(StreamAdd::exchanges)
                .forEach(a -> exchangedRoots.addAll(trunk.roots(a.stream())));
        depths(clusters);
        trunk.adds().values().stream()
                .filter(a -> !depth.containsKey(a.output()))
                .findFirst()
                .ifPresent(a -> {
                    throw new NotUnderstood(a.node().op() + " (" + a.node().line()
                            + ") adds to a part of the hidden state, whose other parts go another way");
                });
        int levels = trunk.adds().keySet().stream().mapToInt(depth::get).max().orElse(0);
        fronts(levels);
        places(clusters);
        Crossings crossings = new Crossings(this, levels);
        this.siteOfLevel = new int[levels + 1];
        group(crossings, levels);
        for (int level = 0; level <= levels; level++) {
            if (crossings.clean(level)) {
                List<String> state = new ArrayList<>(fronts.get(level));
                state.addAll(crossings.extras(level));
                states.add(List.copyOf(state));
            }
        }
    }

    Flow flow() {
        return flow;
    }

    Trunk trunk() {
        return trunk;
    }

    /** The additions of each site, in the order of execution. */
    List<List<StreamAdd>> sites() {
        return sites;
    }

    /** The values that make up the hidden state before each site, and after the last. */
    List<List<String>> states() {
        return states;
    }

    /** The latest values of the streams behind a level of additions. */
    Set<String> front(int level) {
        return fronts.get(level);
    }

    /** Whether a value depends on the hidden state. */
    boolean isHidden(String value) {
        return depth.containsKey(value);
    }

    /** Whether {@code embed} can compute a value: it does not depend on any site. */
    boolean isEarly(String value) {
        return !depth.containsKey(value) || starts.contains(value) || isBeside(value);
    }

    /** Whether a value belongs to a branch that reads the first state only, or to the way to another stream's start. */
    boolean isBeside(String value) {
        return beside.contains(value) && depth.getOrDefault(value, -1) == 0;
    }

    boolean isStart(String value) {
        return starts.contains(value);
    }

    /** The addition on a stream that a node is, or null. */
    @Nullable
    StreamAdd addition(Node node) {
        return node.outputs().isEmpty() ? null : trunk.adds().get(node.output());
    }

    /** The level of additions in which a value is computed; values that are not hidden have none. */
    @Nullable
    Integer place(String value) {
        Integer d = depth.get(value);
        Node node = graph.producer(value);
        if (d == null || node == null || starts.contains(value)) {
            return d;
        }
        boolean withSum = trunk.adds().containsKey(value) || exchanged(node);
        return withSum ? Integer.valueOf(d - 1) : places.getOrDefault(node.id(), d);
    }

    /**
     * What one stream contributes to a later addition is computed with that addition, as long as the stream waits: as late as its
     * users and the streams that it reads allow.
     */
    private void places(List<Set<Integer>> clusters) {
        Set<Integer> fixed = new HashSet<>();
        clusters.forEach(fixed::addAll);
        Map<String, Integer> last = new HashMap<>();
        for (int level = 0; level < fronts.size(); level++) {
            for (String value : fronts.get(level)) {
                last.put(value, level);
            }
        }
        List<Node> nodes = graph.nodes();
        for (int i = nodes.size() - 1; i >= 0; i--) {
            Node node = nodes.get(i);
            Integer early = node.outputs().isEmpty() ? null : depth.get(node.output());
            if (early != null && addition(node) == null && !fixed.contains(node.id()) && !cuts(node)) {
                int late = Math.min(neededAt(node, early), readableUntil(node, last));
                places.put(node.id(), Math.max(early, late));
            }
        }
    }

    /** Whether a node takes a part of what an exchange replaces at once: it belongs to the addition before. */
    private boolean exchanged(Node node) {
        if (exchangedRoots.isEmpty() || trunk.glueSources(node.output()).isEmpty()) {
            return false;
        }
        Set<String> roots = trunk.roots(node.output());
        return !roots.isEmpty() && exchangedRoots.containsAll(roots);
    }

    /** Whether a node takes a stream apart: the parts are there as soon as the stream is. */
    private boolean cuts(Node node) {
        return !trunk.glueSources(node.output()).isEmpty()
                && !trunk.roots(node.output()).isEmpty();
    }

    private int neededAt(Node node, int otherwise) {
        int needed = Integer.MAX_VALUE;
        for (String output : node.outputs()) {
            for (Node user : graph.users(output)) {
                boolean reads =
                        flow.data(user).contains(output) && !user.outputs().isEmpty();
                Integer place = reads ? place(user.output()) : null;
                needed = place == null ? needed : Math.min(needed, place);
            }
        }
        return needed == Integer.MAX_VALUE ? otherwise : needed;
    }

    private int readableUntil(Node node, Map<String, Integer> last) {
        int until = Integer.MAX_VALUE;
        for (String use : flow.data(node)) {
            boolean stream = trunk.adds().containsKey(use) && last.containsKey(use);
            until = stream ? Math.min(until, java.util.Objects.requireNonNull(last.get(use))) : until;
        }
        return until;
    }

    /** The site of a level, or the number of sites for what lies behind the last one. */
    int siteAt(int level) {
        return level + 1 < siteOfLevel.length ? siteOfLevel[level + 1] : sites.size();
    }

    private void depths(List<Set<Integer>> clusters) {
        starts.stream().filter(trunk::inCone).forEach(v -> depth.put(v, 0));
        graph.nodes().forEach(this::depthOf);
        starts.stream().filter(v -> depth.getOrDefault(v, 0) > 0).findFirst().ifPresent(v -> {
            Node node = java.util.Objects.requireNonNull(graph.producer(v));
            throw new NotUnderstood("between residual additions the hidden state goes through " + node.op() + " ("
                    + node.line() + "), where another stream starts");
        });
        // Memory that is allocated without looking at the hidden state and filled with it belongs to it.
        for (Set<Integer> cluster : clusters) {
            List<Node> nodes =
                    graph.nodes().stream().filter(n -> cluster.contains(n.id())).toList();
            int deepest = nodes.stream()
                    .flatMap(n -> n.outputs().stream())
                    .mapToInt(v -> depth.getOrDefault(v, -1))
                    .max()
                    .orElse(-1);
            if (deepest >= 0) {
                nodes.forEach(n -> n.outputs().forEach(v -> depth.putIfAbsent(v, deepest)));
            }
        }
    }

    private void depthOf(Node node) {
        int deepest = -1;
        for (String use : flow.data(node)) {
            deepest = Math.max(deepest, depth.getOrDefault(use, -1));
        }
        if (deepest >= 0) {
            StreamAdd add = addition(node);
            int level = add != null && !add.exchanges() ? deepest + 1 : deepest;
            node.outputs().forEach(v -> depth.merge(v, level, Math::max));
        }
    }

    /** Each addition takes the place of the sums and starts that it adds to. */
    private void fronts(int levels) {
        Set<String> front = new LinkedHashSet<>(starts);
        fronts.add(new LinkedHashSet<>(front));
        Map<Integer, List<StreamAdd>> byLevel = new HashMap<>();
        trunk.adds().values().forEach(a -> byLevel.computeIfAbsent(depth.get(a.output()), k -> new ArrayList<>())
                .add(a));
        for (int level = 1; level <= levels; level++) {
            List<String> next = new ArrayList<>(front);
            for (StreamAdd add : byLevel.getOrDefault(level, List.of())) {
                Set<String> before = trunk.roots(add.stream());
                int at = next.size();
                for (String value : before) {
                    at = next.contains(value) ? Math.min(at, next.indexOf(value)) : at;
                }
                next.add(at, add.output());
                next.removeAll(before);
            }
            front = new LinkedHashSet<>(next);
            fronts.add(new LinkedHashSet<>(front));
        }
    }

    private void group(Crossings crossings, int levels) {
        if (!crossings.clean(levels)) {
            throw new NotUnderstood("the head reads more than the last hidden state: " + crossings.reason(levels));
        }
        int width = 0;
        List<StreamAdd> site = new ArrayList<>();
        for (int level = 1; level <= levels; level++) {
            siteOfLevel[level] = sites.size();
            int now = level;
            trunk.adds().values().stream()
                    .filter(a -> Objects.equals(depth.get(a.output()), now))
                    .forEach(site::add);
            if (++width > MAX_MERGED) {
                throw new NotUnderstood("more than " + MAX_MERGED + " residuals cannot be told apart, for "
                        + crossings.reason(level - 1) + " reads the hidden state of an earlier one");
            }
            if (crossings.clean(level)) {
                sites.add(List.copyOf(site));
                site.clear();
                width = 0;
            }
        }
    }

    /** Operations of glue between the state before a site and an addition's stream operand, in order. */
    List<Node> glue(StreamAdd add, List<String> state) {
        Set<Node> nodes = new LinkedHashSet<>();
        collect(add.stream(), new HashSet<>(state), nodes);
        return nodes.stream()
                .sorted(java.util.Comparator.comparingInt(Node::id))
                .toList();
    }

    private void collect(String value, Set<String> state, Set<Node> nodes) {
        Node node = graph.producer(value);
        if (state.contains(value) || node == null || nodes.contains(node)) {
            return;
        }
        StreamAdd add = addition(node);
        if (add != null) {
            collect(add.stream(), state, nodes);
        } else if (!trunk.roots(value).isEmpty()) {
            nodes.add(node);
            trunk.glueSources(value).forEach(v -> collect(v, state, nodes));
        }
    }
}
