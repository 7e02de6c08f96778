package io.adacache.djl.instrument.graph;

import io.adacache.djl.instrument.syntax.Expr;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What the text alone says about one site: its kind, its block, and its normalised input. */
final class SiteFacts {
    /** Kinds as far as dataflow tells them; which self-attention runs over frames is told elsewhere. */
    enum Kind {
        SELF_ATTENTION,
        CROSS_ATTENTION,
        MLP,
        POSITION
    }

    static final Set<String> REGROUPING = Set.of("reshape", "view", "flatten", "unflatten");

    private final Cut cut;
    private final Flow flow;
    private final Graph graph;
    private final List<StreamAdd> adds;
    private final List<Node> nodes;

    SiteFacts(Cut cut, Segments segments, int site) {
        this.cut = cut;
        this.flow = cut.flow();
        this.graph = flow.graph();
        this.adds = cut.sites().get(site);
        this.nodes = segments.of(site);
    }

    Kind kind() {
        boolean cross = false;
        boolean depends = adds.stream()
                .anyMatch(a -> a.own() || values(a).stream().anyMatch(v -> cut.isHidden(v) && !cut.isEarly(v)));
        if (!depends) {
            return Kind.POSITION;
        }
        for (Node node : nodes) {
            if (Operators.ATTENTION_PRODUCTS.contains(node.shortOp()) && cut.isHidden(node.output())) {
                List<String> operands = operands(node);
                long hidden = operands.stream().filter(cut::isHidden).count();
                if (operands.size() >= 2 && hidden >= 2) {
                    return Kind.SELF_ATTENTION;
                }
                cross |=
                        operands.size() >= 2 && hidden == 1 && operands.stream().noneMatch(this::isWeight);
            }
        }
        return cross ? Kind.CROSS_ATTENTION : Kind.MLP;
    }

    /** The first operands that are values of the graph: query and key, or the two factors. */
    private List<String> operands(Node node) {
        List<String> operands = new ArrayList<>();
        if (node.shortOp().equals("einsum") && node.argument(1) instanceof Expr.ListOf list) {
            list.items().forEach(i -> {
                if (i instanceof Expr.Name n) {
                    operands.add(n.id());
                }
            });
            return operands;
        }
        int from = node.shortOp().equals("baddbmm") ? 1 : 0;
        for (int i = from; i < from + 2; i++) {
            String value = node.value(i);
            if (value != null) {
                operands.add(value);
            }
        }
        return operands;
    }

    /** A transposed weight, for example: something that no input feeds. */
    private boolean isWeight(String value) {
        Set<String> from = flow.between(value, graph.inputs().get(0).value());
        return graph.inputs().stream().noneMatch(i -> from.contains(i.value()));
    }

    /** The first number in the paths of the modules that compute the residual, or -1. */
    int block() {
        Map<Integer, Integer> votes = new HashMap<>();
        for (Node node : nodes) {
            for (String part : node.path().split("\\.")) {
                if (part.matches("[0-9]{1,6}")) {
                    votes.merge(Integer.parseInt(part), 1, Integer::sum);
                    break;
                }
            }
        }
        return votes.entrySet().stream()
                .max(Comparator.comparingInt(Map.Entry::getValue))
                .map(Map.Entry::getKey)
                .orElse(-1);
    }

    /** The module path that the site's operations share, for people. */
    String where() {
        Map<String, Integer> votes = new HashMap<>();
        nodes.stream().filter(n -> !n.path().isEmpty()).forEach(n -> {
            String[] parts = n.path().split("\\.");
            for (int i = 0; i < parts.length; i++) {
                if (parts[i].matches("[0-9]{1,6}")) {
                    votes.merge(String.join(".", List.of(parts).subList(0, i + 1)), 1, Integer::sum);
                    break;
                }
            }
        });
        return votes.entrySet().stream()
                .max(Comparator.comparingInt(Map.Entry::getValue))
                .map(Map.Entry::getKey)
                .orElse("");
    }

    /**
     * The normalised, modulated input of a residual: the last value that every way from the stream to the residual goes through
     * before the first weighted projection, rearrangements apart.
     */
    @Nullable
    String modulated(StreamAdd add) {
        if (add.own()) {
            return lastBottleneck(from(add), way(add));
        }
        // What another stream contributes: the stream that waits is what comes in.
        return values(add).stream().anyMatch(v -> cut.isHidden(v) && !cut.isEarly(v)) ? add.stream() : null;
    }

    /** Where the way to a residual begins: at the stream, whatever cast or view of it the addition takes. */
    private String from(StreamAdd add) {
        Set<String> roots = cut.trunk().roots(add.stream());
        return roots.size() == 1 ? roots.iterator().next() : add.stream();
    }

    private static Set<String> values(StreamAdd add) {
        Set<String> values = new HashSet<>();
        Names.collect(add.residual(), values);
        values.retainAll(add.node().uses());
        return values;
    }

    /** The operations that lead from the stream to the residual, in order. */
    private List<Node> way(StreamAdd add) {
        String from = from(add);
        Set<String> leading = flow.between(values(add), graph.position(from), Set.of());
        Set<String> reached = new HashSet<>(Set.of(from));
        List<Node> way = new ArrayList<>();
        for (Node node : nodes) {
            boolean onWay = node.id() > graph.position(from)
                    && node.outputs().stream().anyMatch(leading::contains)
                    && flow.data(node).stream().anyMatch(reached::contains);
            if (onWay) {
                way.add(node);
                reached.addAll(node.outputs());
            }
        }
        return way;
    }

    /** How a self-attention's input is rearranged before its first projection. */
    record Rearranged(boolean grouped, boolean swapped) {}

    Rearranged rearranged() {
        boolean grouped = false;
        boolean swapped = false;
        for (StreamAdd add : adds) {
            if (add.own()) {
                for (Node node : way(add)) {
                    if (Operators.PROJECTIONS.contains(node.shortOp())
                            || node.op().equals("call")) {
                        break;
                    }
                    grouped |= REGROUPING.contains(node.shortOp());
                    swapped ^= swapsTokens(node);
                }
            }
        }
        return new Rearranged(grouped, swapped);
    }

    /** Whether an operation exchanges the two middle dimensions of four, frames and places. */
    static boolean swapsTokens(Node node) {
        String order = String.valueOf(node.argument(1));
        return (node.shortOp().equals("permute") && order.equals("[0, 2, 1, 3]"))
                || (node.shortOp().equals("transpose")
                        && order.equals("1")
                        && "2".equals(String.valueOf(node.argument(2))));
    }

    private String lastBottleneck(String stream, List<Node> way) {
        Map<String, Integer> lastUse = new HashMap<>();
        Set<String> inside = new LinkedHashSet<>(Set.of(stream));
        for (int i = 0; i < way.size(); i++) {
            for (String use : flow.data(way.get(i))) {
                if (inside.contains(use)) {
                    lastUse.put(use, i);
                }
            }
            inside.addAll(way.get(i).outputs());
        }
        String found = stream;
        int open = lastUse.getOrDefault(stream, -1);
        for (int i = 0; i < way.size(); i++) {
            Node node = way.get(i);
            boolean projection = Operators.PROJECTIONS.contains(node.shortOp())
                    || Operators.ATTENTION_PRODUCTS.contains(node.shortOp())
                    || node.op().equals("call");
            if (projection) {
                break;
            }
            if (open <= i && node.outputs().size() == 1 && Operators.SAME_SHAPE.contains(node.shortOp())) {
                found = node.output();
            }
            for (String out : node.outputs()) {
                open = Math.max(open, lastUse.getOrDefault(out, i));
            }
        }
        return found;
    }
}
