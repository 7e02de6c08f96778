package io.adacache.djl.instrument.graph;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * Residual additions by islands: what glue alone links. The largest island is the main stream; islands that read what it is in
 * the middle are streams beside it (text beside video); all others are left out, and too many of those are refused.
 */
final class Islands {
    private final Flow flow;
    private final Graph graph;
    private final Map<String, StreamAdd> own;
    private final Map<String, Set<String>> before = new HashMap<>();
    private final Set<String> streams = new TreeSet<>();
    private final Set<String> outside = new LinkedHashSet<>();

    Islands(Flow flow, Map<String, StreamAdd> own, Function<String, Set<String>> reach) {
        this.flow = flow;
        this.graph = flow.graph();
        this.own = new LinkedHashMap<>(own);
        own.forEach((value, add) -> before.put(value, reach.apply(add.stream())));
        List<Set<String>> islands = islands();
        Set<String> main = main(islands);
        Set<String> ancestors = ancestors(main);
        for (Set<String> island : islands) {
            if (island == main || concurrent(island, main, ancestors)) {
                streams.addAll(island);
            } else {
                outside.addAll(island);
            }
        }
    }

    /** The results of the additions that lie on streams. */
    List<String> streams() {
        List<String> sorted = new ArrayList<>(streams);
        sorted.sort(java.util.Comparator.comparingInt(graph::position));
        return sorted;
    }

    Set<String> outside() {
        return outside;
    }

    /** What depends on additions that are neither on a stream nor in front of one. */
    Set<String> beside(Set<String> starts) {
        Set<String> branches = new HashSet<>(outside);
        branches.removeAll(flow.between(starts, -1, Set.of()));
        return branches.isEmpty() ? Set.of() : flow.descendants(branches);
    }

    /** The last additions of all streams. */
    Set<String> ends() {
        Set<String> ends = new LinkedHashSet<>(streams());
        streams.forEach(v -> ends.removeAll(before(v)));
        return ends;
    }

    /** The additions from which one of ours is reached. */
    private Set<String> before(String value) {
        return Objects.requireNonNull(before.get(value), value);
    }

    private List<Set<String>> islands() {
        Map<String, Set<String>> of = new HashMap<>();
        for (String value : own.keySet()) {
            Set<String> joined = new LinkedHashSet<>(Set.of(value));
            before(value).forEach(v -> joined.addAll(of.getOrDefault(v, Set.of())));
            joined.forEach(v -> of.put(v, joined));
        }
        return List.copyOf(new LinkedHashSet<>(
                of.values().stream().<Set<String>>map(LinkedHashSet::new).toList()));
    }

    private static Set<String> main(List<Set<String>> islands) {
        Set<String> main = islands.get(0);
        for (Set<String> island : islands) {
            main = island.size() >= main.size() ? island : main;
        }
        return main;
    }

    private Set<String> ancestors(Set<String> island) {
        return flow.between(island, -1, Set.of());
    }

    /** Whether an island reads the main stream before its end, or both read each other. */
    private boolean concurrent(Set<String> island, Set<String> main, Set<String> mainAncestors) {
        Set<String> ends = new HashSet<>(main);
        main.forEach(v -> ends.removeAll(before(v)));
        Set<String> read = flow.between(island, -1, ends);
        boolean middle = main.stream().anyMatch(v -> !ends.contains(v) && read.contains(v));
        boolean reads = main.stream().anyMatch(read::contains);
        boolean isRead = island.stream().anyMatch(mainAncestors::contains);
        return middle || (reads && isRead) || (!reads && !inFront(island, main));
    }

    /** Whether the main stream starts behind an island. */
    private boolean inFront(Set<String> island, Set<String> main) {
        Set<String> starts = new HashSet<>();
        main.stream()
                .filter(v -> before(v).isEmpty())
                .forEach(v -> starts.add(Objects.requireNonNull(own.get(v)).stream()));
        Set<String> ancestors = flow.between(starts, -1, Set.of());
        return island.stream().anyMatch(ancestors::contains);
    }

    /** Why too much is left out, or nothing if it is not. */
    Optional<String> lost(Trunk trunk) {
        if (outside.size() * 2 <= streams.size()) {
            return Optional.empty();
        }
        String first = trunk.adds().values().iterator().next().output();
        String obstacle = obstacle(trunk, trunk.starts())
                .or(() -> obstacle(trunk, outside))
                .orElse("residual additions lie on no common stream ("
                        + line(outside.iterator().next()) + ", " + line(first) + ")");
        return Optional.of(obstacle + "; " + outside.size() + " of " + (outside.size() + streams.size())
                + " residual additions would be left out");
    }

    private String line(String value) {
        Node node = graph.producer(value);
        return node == null ? value : node.line();
    }

    /** The operation that a stream goes through on its way from an addition that would be lost. */
    private Optional<String> obstacle(Trunk trunk, Iterable<String> starts) {
        for (String start : starts) {
            StreamAdd add = own.get(start);
            String at = trunk.glue().root(add == null ? start : add.stream());
            Node node = graph.producer(at);
            if (node != null
                    && !own.containsKey(at)
                    && flow.between(Set.of(at), -1, Set.of()).stream().anyMatch(own::containsKey)) {
                return Optional.of("between residual additions the hidden state goes through " + node.op() + " ("
                        + node.line() + "), which is no addition and no permutation");
            }
        }
        return Optional.empty();
    }
}
