package io.adacache.djl.instrument.graph;

import io.adacache.djl.instrument.syntax.Expr;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Writes the body of one slice: operations in their order, and before each what it needs from outside. Sizes are computed anew
 * in each slice, from sizes in the context; tensors of {@code embed} are taken out of the context.
 */
final class SliceWriter {
    private final Cut cut;
    private final Flow flow;
    private final Graph graph;
    private final Slots slots;
    private final boolean embed;
    private final Set<String> local = new HashSet<>();
    private final Map<Slots.Size, String> sizes = new HashMap<>();
    private final Set<Slots.Size> unknown = new HashSet<>();
    private final List<String> lines = new ArrayList<>();

    /** A slice that is handed the context. */
    SliceWriter(Cut cut, Slots slots) {
        this(cut, slots, false);
    }

    /** With {@code embed}, everything that does not depend on the hidden state is computed on the spot. */
    SliceWriter(Cut cut, Slots slots, boolean embed) {
        this.cut = cut;
        this.flow = cut.flow();
        this.graph = flow.graph();
        this.slots = slots;
        this.embed = embed;
    }

    List<String> lines() {
        return lines;
    }

    void line(String text) {
        lines.add(text);
    }

    /** Declares that a value is there under its own name. */
    void given(String value) {
        local.add(value);
    }

    void write(List<Node> nodes) {
        nodes.forEach(this::write);
    }

    void write(Node node) {
        if (!node.outputs().isEmpty() && local.contains(node.output())) {
            return;
        }
        node.uses().forEach(this::need);
        lines.add(node.statement());
        local.addAll(node.outputs());
    }

    /** Makes a value available, or refuses. */
    void need(String value) {
        if (local.contains(value)) {
            return;
        }
        Node producer = graph.producer(value);
        if (producer != null && flow.isSize(value)) {
            needSize(value, producer);
        } else if (embed
                && producer != null
                && (!cut.isHidden(value) || cut.states().get(0).contains(value))) {
            write(producer);
        } else if (!embed && !cut.isHidden(value)) {
            lines.add(value + " = context[" + slots.tensor(value) + "]");
            local.add(value);
        } else {
            String where = producer == null ? "an input" : producer.op() + " (" + producer.line() + ")";
            throw new NotUnderstood("a residual reads something that another one has computed: " + where);
        }
    }

    private void needSize(String value, Node producer) {
        String source = producer.value(0);
        boolean root =
                producer.shortOp().equals("size") && source != null && producer.argument(1) instanceof Expr.Literal;
        if (root) {
            int dimension = Integer.parseInt(
                    Objects.requireNonNull(producer.argument(1)).toString());
            lines.add(value + " = " + size(source, dimension));
            local.add(value);
        } else {
            write(producer);
        }
    }

    /** The size of a value along a dimension, as text; the value itself need not be there. */
    String size(String value, int dimension) {
        String text = derive(value, dimension);
        if (text == null) {
            Node node = Objects.requireNonNull(graph.producer(value));
            throw new NotUnderstood("a later residual needs a size of " + node.op() + " (" + node.line()
                    + "), which cannot be told from the hidden state");
        }
        return text;
    }

    private @Nullable String derive(String value, int dimension) {
        Slots.Size key = new Slots.Size(value, dimension);
        String known = sizes.get(key);
        if (known != null || unknown.contains(key)) {
            return known;
        }
        String text = find(value, dimension);
        if (text == null) {
            unknown.add(key);
            return null;
        }
        if (!text.matches("-?[0-9]+|[vn][0-9]+")) {
            String name = "n" + sizes.size();
            lines.add(name + " = " + text);
            text = name;
        }
        sizes.put(key, text);
        return text;
    }

    private @Nullable String find(String value, int dimension) {
        if (local.contains(value)) {
            return "torch.size(" + value + ", " + dimension + ")";
        }
        if (cut.states().get(0).contains(value) || !cut.isHidden(value)) {
            if (embed) {
                need(value);
                return "torch.size(" + value + ", " + dimension + ")";
            }
            return "torch.size(context[0], " + slots.size(value, dimension) + ")";
        }
        Node producer = Objects.requireNonNull(graph.producer(value));
        String text = walk(producer, dimension);
        return text != null || dimension < 0 ? text : rearranged(producer, dimension);
    }

    /** The size behind an operation that drops, swaps or splits dimensions. */
    private @Nullable String rearranged(Node node, int dimension) {
        String source = node.value(0);
        Integer along = integer(node, 1);
        switch (node.shortOp()) {
            case "unpack" -> {
                Node parts = graph.producer(node.expr().toString());
                return parts == null ? null : part(parts, dimension);
            }
            case "index" -> {
                Node parts = node.expr() instanceof Expr.Index i
                        ? graph.producer(i.base().toString())
                        : null;
                return parts == null ? null : part(parts, dimension);
            }
            case "select" -> {
                return source == null || along == null || along < 0
                        ? null
                        : derive(source, dimension < along ? dimension : dimension + 1);
            }
            case "unsqueeze" -> {
                boolean usable = source != null && along != null && along >= 0 && along != dimension;
                return usable ? derive(source, dimension < along ? dimension : dimension - 1) : null;
            }
            case "transpose" -> {
                Integer other = integer(node, 2);
                boolean usable = source != null && along != null && other != null && along >= 0 && other >= 0;
                int from = !usable ? 0 : dimension == along ? other : dimension == other ? along : dimension;
                return usable ? derive(source, from) : null;
            }
            case "scaled_dot_product_attention", "matmul", "bmm" -> {
                return source != null && dimension < 2 ? derive(source, dimension) : null;
            }
            default -> {
                return null;
            }
        }
    }

    private @Nullable String part(Node parts, int dimension) {
        String source = parts.value(0);
        Integer along = integer(parts, parts.shortOp().equals("unbind") ? 1 : 2);
        int from = along == null ? 0 : along;
        if (source == null || from < 0) {
            return null;
        }
        if (parts.shortOp().equals("unbind")) {
            return derive(source, dimension < from ? dimension : dimension + 1);
        }
        boolean pieces = parts.shortOp().equals("chunk") || parts.shortOp().startsWith("split");
        return pieces && dimension != from ? derive(source, dimension) : null;
    }

    private static @Nullable Integer integer(Node node, int position) {
        Expr argument = node.argument(position);
        return argument instanceof Expr.Literal l && l.text().matches("-?[0-9]{1,3}")
                ? Integer.valueOf(l.text())
                : null;
    }

    /** The size of something that lies in another slice, followed back through operations that tell their result's shape. */
    private @Nullable String walk(Node node, int dimension) {
        String op = node.shortOp();
        String first = node.value(0);
        StreamAdd add = cut.addition(node);
        if (add != null) {
            return derive(add.stream(), dimension);
        }
        if (Operators.SAME_SHAPE.contains(op) || (op.equals("linear") && dimension >= 0 && dimension < 2)) {
            for (int i = 0; i < 3; i++) {
                String operand = node.value(i);
                String text = operand != null && cut.isHidden(operand) ? derive(operand, dimension) : null;
                if (text != null) {
                    return text;
                }
            }
        }
        if (op.startsWith("new_")
                && node.argument(1) instanceof Expr.ListOf list
                && dimension >= 0
                && dimension < list.items().size()) {
            return item(node, list.items().get(dimension));
        }
        if ((op.equals("reshape") || op.equals("view"))
                && node.argument(1) instanceof Expr.ListOf list
                && dimension >= 0) {
            Expr item = dimension < list.items().size() ? list.items().get(dimension) : new Expr.Literal("-1");
            if (!item.toString().equals("-1")) {
                return item(node, item);
            }
            return first == null ? null : open(node, first, list);
        }
        if (op.equals("permute") && first != null && node.argument(1) instanceof Expr.ListOf order && dimension >= 0) {
            return derive(
                    first,
                    Math.floorMod(
                            Integer.parseInt(order.items().get(dimension).toString()),
                            order.items().size()));
        }
        return null;
    }

    private String item(Node node, Expr item) {
        node.uses().stream().filter(item.toString()::equals).forEach(this::need);
        return item.toString();
    }

    /** The size that a reshape leaves open: all elements over the sizes that it names. */
    private @Nullable String open(Node node, String input, Expr.ListOf list) {
        int rank = cut.rank(input);
        if (rank < 0) {
            return null;
        }
        List<String> all = new ArrayList<>();
        for (int i = 0; i < rank; i++) {
            String size = derive(input, i);
            if (size == null) {
                return null;
            }
            all.add(size);
        }
        List<String> named = new ArrayList<>();
        for (Expr item : list.items()) {
            if (!item.toString().equals("-1")) {
                node.uses().stream().filter(item.toString()::equals).forEach(this::need);
                named.add(item.toString());
            }
        }
        return "torch.floordiv(" + LayoutWriter.product(all) + ", " + LayoutWriter.product(named) + ")";
    }
}
