package io.adacache.djl.instrument.graph;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Writes a method that computes forward, operation by operation, and hands back what is looked at on the way. It is written in pieces,
 * each handing the next one the tensors that live on: what libtorch takes to compile a method grows faster than the method.
 */
final class Walk {
    /** Operations of a piece, as near to it as a place is where nothing but tensors and sizes lives on. */
    private static final int PIECE = 200;

    private static final Set<String> LISTS = Set.of(
            "unbind",
            "len",
            "item",
            "tolist",
            "meshgrid",
            "nonzero_numpy",
            "broadcast_tensors",
            "IntImplicit",
            "FloatImplicit");

    private final Flow flow;
    private final Graph graph;
    private final Methods methods;
    private final Cut cut;
    private final Map<String, Integer> lastUse = new HashMap<>();
    private final Map<String, Integer> places = new HashMap<>();
    private final Set<String> anew = new LinkedHashSet<>();

    Walk(Cut cut, Methods methods) {
        this.cut = cut;
        this.flow = cut.flow();
        this.graph = flow.graph();
        this.methods = methods;
        List<Node> nodes = graph.nodes();
        for (int i = 0; i < nodes.size(); i++) {
            Node node = nodes.get(i);
            int at = i;
            node.outputs().forEach(value -> places.put(value, at));
            node.uses().forEach(use -> lastUse.put(use, at));
            boolean number = Operators.SIZE_ARITHMETIC.contains(node.shortOp())
                    || node.outputs().stream().noneMatch(value -> isTensor(flow, value));
            boolean computed = number && node.uses().stream().allMatch(anew::contains);
            if (computed || node.outputs().stream().allMatch(flow::isSize)) {
                anew.addAll(node.outputs());
            }
        }
    }

    /** Whether a value is a single tensor, and neither a number nor a list of parts. */
    static boolean isTensor(Flow flow, String value) {
        Node node = flow.graph().producer(value);
        return node == null
                || (node.op().matches("torch\\..*|unpack|index|call|ops\\.prim\\.NumToTensor")
                        && !LISTS.contains(node.shortOp())
                        && !Operators.SPLITS.contains(node.shortOp())
                        && !flow.isSize(value));
    }

    /**
     * A method {@code name(inputs) -> List[Tensor]}.
     *
     * @param looks expressions of tensors that are evaluated as soon as a value is there, by the value
     * @return the values that are looked at, in the order of the results; if there are none, no method is written
     */
    List<String> write(String name, Map<String, String> looks) {
        if (looks.isEmpty()) {
            return List.of();
        }
        SliceWriter main = new SliceWriter(cut, new Slots(Tables.NONE), Probed.NOTHING, true);
        String parameters = Methods.inputs(graph, main);
        String inputs = parameters.replace(": Tensor", "");
        List<String> l =
                new ArrayList<>(List.of("live = annotate(List[Tensor], [])", "out = annotate(List[Tensor], [])"));
        List<String> seen = new ArrayList<>();
        List<String> carried = List.of();
        int from = 0;
        int piece = 0;
        while (from < graph.nodes().size()) {
            int to = end(from);
            List<String> next = living(to);
            String part = name + "_" + piece++;
            methods.add(
                    part,
                    parameters + ", live: List[Tensor]",
                    "Tuple[List[Tensor], List[Tensor]]",
                    piece(from, to, carried, next, looks, seen));
            l.add("live, seen, = (self)." + part + "(" + inputs + ", live)");
            l.add("out = torch.add(out, seen)");
            carried = next;
            from = to;
        }
        l.add("return out");
        methods.add(name, parameters, "List[Tensor]", l);
        return seen;
    }

    /** The place behind a piece: the first one far enough at which all that lives on is tensors, or can be computed anew. */
    private int end(int from) {
        int size = graph.nodes().size();
        for (int to = from + PIECE; to < size; to++) {
            int at = to;
            boolean tensors = lastUse.entrySet().stream()
                    .filter(e -> e.getValue() >= at && index(e.getKey()) < at)
                    .allMatch(e -> anew.contains(e.getKey()) || isCarried(e.getKey()));
            if (tensors) {
                return to;
            }
        }
        return size;
    }

    /** Inputs are handed to every piece anyway; what a call gives, or what is taken apart, may be no tensor. */
    private boolean isCarried(String value) {
        Node node = graph.producer(value);
        boolean apart = graph.users(value).stream().anyMatch(u -> u.op().equals("unpack") || u.op().equals("index"));
        return node == null || (!node.op().equals("call") && !apart && isTensor(flow, value));
    }

    private int index(String value) {
        return places.getOrDefault(value, -1);
    }

    /** The tensors that operations from a place on read, or from which the sizes that they read are computed anew. */
    private List<String> living(int from) {
        Set<String> living = new LinkedHashSet<>();
        Set<String> seen = new HashSet<>();
        graph.nodes().subList(from, graph.nodes().size()).forEach(n -> living(n, from, living, seen));
        return List.copyOf(living);
    }

    private void living(Node reader, int from, Set<String> living, Set<String> seen) {
        for (String use : reader.uses()) {
            Node node = graph.producer(use);
            if (node == null || index(use) >= from || !seen.add(use)) {
                continue;
            }
            if (anew.contains(use)) {
                living(node, from, living, seen);
            } else {
                living.add(use);
            }
        }
    }

    private List<String> piece(
            int from, int to, List<String> given, List<String> next, Map<String, String> looks, List<String> seen) {
        List<String> l = new ArrayList<>();
        Set<String> local = new HashSet<>();
        List<String> results = new ArrayList<>();
        for (Graph.Input input : graph.inputs()) {
            l.add(input.value() + " = in_" + input.name());
            local.add(input.value());
            if (from == 0) {
                look(input.value(), looks, l, results, seen);
            }
        }
        for (int i = 0; i < given.size(); i++) {
            l.add(given.get(i) + " = live[" + i + "]");
            local.add(given.get(i));
        }
        for (Node node : graph.nodes().subList(from, to)) {
            write(node, l, local);
            node.outputs().forEach(v -> look(v, looks, l, results, seen));
        }
        l.add("return (" + Methods.list(next) + ", " + Methods.list(results) + ")");
        return l;
    }

    private void write(Node node, List<String> l, Set<String> local) {
        for (String use : node.uses()) {
            Node producer = graph.producer(use);
            if (producer != null && !local.contains(use)) {
                write(producer, l, local);
            }
        }
        l.add(node.statement());
        local.addAll(node.outputs());
    }

    private static void look(
            String value, Map<String, String> looks, List<String> l, List<String> results, List<String> seen) {
        String look = looks.get(value);
        if (look != null) {
            l.add("seen_" + value + " = " + look);
            results.add("seen_" + value);
            seen.add(value);
        }
    }
}
