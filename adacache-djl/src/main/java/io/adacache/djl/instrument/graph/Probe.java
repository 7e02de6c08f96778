package io.adacache.djl.instrument.graph;

import io.adacache.djl.instrument.syntax.Expr;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A method that computes forward and hands back shapes and dtypes of the values that the writer must know. */
final class Probe {
    private final Cut cut;
    private final Graph graph;
    private final Set<String> tensors = new LinkedHashSet<>();
    private final Set<String> numbers = new LinkedHashSet<>();

    Probe(Cut cut, Segments segments) {
        this.cut = cut;
        this.graph = cut.flow().graph();
        cut.states().forEach(tensors::addAll);
        for (int k = 0; k < cut.sites().size(); k++) {
            SiteFacts facts = new SiteFacts(cut, segments, k);
            for (StreamAdd add : cut.sites().get(k)) {
                addition(add, facts.modulated(add), cut.states().get(k));
            }
            cut.states().get(k + 1).forEach(v -> glue(v));
            tensors.addAll(SharedAttention.asked(cut, segments, k));
        }
        graph.inputs().forEach(i -> tensors.add(i.value()));
        for (Node node : graph.nodes()) {
            References.of(node).keySet().stream()
                    .filter(v -> !cut.flow().isSize(v))
                    .forEach(this::asked);
        }
        tensors.removeIf(v -> !isTensor(v));
    }

    private void addition(StreamAdd add, @org.jspecify.annotations.Nullable String modulated, List<String> state) {
        tensors.add(add.output());
        tensors.add(add.stream());
        if (add.residual() instanceof Expr.Name name && add.node().uses().contains(name.id())) {
            tensors.add(name.id());
        }
        if (modulated != null) {
            tensors.add(modulated);
        }
        cut.glue(add, state).forEach(n -> glue(n.output()));
    }

    private void glue(String value) {
        Node node = graph.producer(value);
        if (node == null || cut.trunk().glueSources(value).isEmpty()) {
            return;
        }
        tensors.addAll(node.outputs());
        cut.trunk().glueSources(value).forEach(v -> {
            if (tensors.add(v)) {
                glue(v);
            }
        });
        tensors.addAll(cut.trunk().glueSources(value));
        Node split = node.expr() instanceof Expr.Name n ? graph.producer(n.id()) : node;
        split = node.expr() instanceof Expr.Index i ? graph.producer(i.base().toString()) : split;
        for (int i = 1; i < 4 && cut.trunk().glue().parts(node) && split != null; i++) {
            String number = split.value(i);
            if (number != null && cut.flow().isSize(number)) {
                numbers.add(number);
            }
        }
    }

    /** A value that lends its shape, with those from which sizes of it may be told. */
    private void asked(String value) {
        tensors.add(value);
        Node node = graph.producer(value);
        if (node != null && cut.isHidden(value)) {
            node.uses().stream().filter(u -> !cut.flow().isSize(u)).forEach(tensors::add);
        }
    }

    /** Whether a value is a single tensor, and neither a number nor a list of parts. */
    private boolean isTensor(String value) {
        Node node = graph.producer(value);
        return node == null
                || (node.op().matches("torch\\..*|unpack|index|call|ops\\.prim\\.NumToTensor")
                        && !LISTS.contains(node.shortOp())
                        && !Operators.SPLITS.contains(node.shortOp())
                        && !cut.flow().isSize(value));
    }

    private static final Set<String> LISTS =
            Set.of("unbind", "len", "item", "tolist", "meshgrid", "nonzero_numpy", "broadcast_tensors");

    String code(String rootType) {
        SliceWriter w = new SliceWriter(cut, new Slots(Tables.NONE), Probed.NOTHING, true);
        Methods methods = new Methods(rootType);
        String parameters = Methods.inputs(graph, w);
        List<String> results = new ArrayList<>();
        graph.inputs().forEach(i -> look(i.value(), w, results));
        for (Node node : graph.nodes()) {
            w.line(node.statement());
            node.outputs().forEach(v -> look(v, w, results));
        }
        results.sort(java.util.Comparator.comparingInt(this::order));
        w.line("return " + Methods.list(results));
        methods.add("adacache_probe", parameters, "List[Tensor]", w.lines());
        return methods.text();
    }

    private void look(String value, SliceWriter w, List<String> results) {
        if (tensors.contains(value)) {
            String facts = "[ops.prim.dtype(" + value + "), int(torch.is_contiguous(" + value + "))]";
            w.line("seen_" + value + " = torch.tensor(torch.add(torch.size(" + value + "), " + facts + "))");
            results.add("seen_" + value);
        } else if (numbers.contains(value)) {
            w.line("seen_" + value + " = torch.tensor([int(" + value + ")])");
            results.add("seen_" + value);
        }
    }

    private List<String> names() {
        List<String> names = new ArrayList<>(tensors);
        numbers.stream().filter(n -> !tensors.contains(n)).forEach(names::add);
        return names;
    }

    private final Map<String, Integer> order = new HashMap<>();

    private int order(String result) {
        if (order.isEmpty()) {
            List<String> names = names();
            for (int i = 0; i < names.size(); i++) {
                order.put("seen_" + names.get(i), i);
            }
        }
        return java.util.Objects.requireNonNull(order.get(result));
    }

    Probed probed(List<long[]> results) {
        Map<String, long[]> shapes = new HashMap<>();
        Map<String, Integer> dtypes = new HashMap<>();
        Map<String, Long> seen = new HashMap<>();
        Set<String> strided = new HashSet<>();
        List<String> names = names();
        for (int i = 0; i < names.size(); i++) {
            long[] result = results.get(i);
            if (tensors.contains(names.get(i))) {
                int rank = result.length - 2;
                shapes.put(names.get(i), Arrays.copyOf(result, rank));
                dtypes.put(names.get(i), (int) result[rank]);
                if (result[rank + 1] == 0) {
                    strided.add(names.get(i));
                }
            } else {
                seen.put(names.get(i), result[0]);
            }
        }
        return new Probed(shapes, dtypes, seen, strided);
    }
}
