package io.adacache.djl.instrument.graph;

import io.adacache.djl.instrument.syntax.Expr;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
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
    private List<String> names = List.of();

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
        tensors.removeIf(v -> !Walk.isTensor(cut.flow(), v));
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

    String code(String rootType) {
        Methods methods = new Methods(rootType);
        Map<String, String> looks = new HashMap<>();
        tensors.forEach(value -> looks.put(
                value,
                "torch.tensor(torch.add(torch.add(torch.size(" + value + "), [ops.prim.dtype(" + value
                        + "), int(torch.is_contiguous(" + value + "))]), torch.stride(" + value + ")))"));
        numbers.forEach(value -> looks.putIfAbsent(value, "torch.tensor([int(" + value + ")])"));
        names = new Walk(cut, methods).write("adacache_probe", looks);
        return methods.text();
    }

    Probed probed(List<long[]> results) {
        Map<String, long[]> shapes = new HashMap<>();
        Map<String, Integer> dtypes = new HashMap<>();
        Map<String, Long> seen = new HashMap<>();
        Map<String, List<Integer>> strided = new HashMap<>();
        for (int i = 0; i < names.size(); i++) {
            long[] result = results.get(i);
            if (tensors.contains(names.get(i))) {
                int rank = result.length / 2 - 1;
                shapes.put(names.get(i), Arrays.copyOf(result, rank));
                dtypes.put(names.get(i), (int) result[rank]);
                if (result[rank + 1] == 0) {
                    strided.put(names.get(i), inMemory(Arrays.copyOfRange(result, rank + 2, result.length)));
                }
            } else {
                seen.put(names.get(i), result[0]);
            }
        }
        return new Probed(shapes, dtypes, seen, strided);
    }

    /** The dimensions by their strides; a part of a larger tensor is taken for one whose channels lie apart, which is as little contiguous. */
    private static List<Integer> inMemory(long[] strides) {
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < strides.length; i++) {
            order.add(i);
        }
        List<Integer> inOrder = List.copyOf(order);
        order.sort(Comparator.comparingLong(i -> -strides[i]));
        if (order.equals(inOrder) && order.size() > 1) {
            Collections.swap(order, order.size() - 2, order.size() - 1);
        }
        return List.copyOf(order);
    }
}
