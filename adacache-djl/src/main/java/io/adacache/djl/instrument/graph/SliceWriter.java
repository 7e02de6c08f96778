package io.adacache.djl.instrument.graph;

import io.adacache.djl.instrument.syntax.Expr;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

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
        } else if (embed && producer != null && (!cut.isHidden(value) || cut.states().get(0).contains(value))) {
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
        boolean root = producer.shortOp().equals("size") && source != null && producer.argument(1) instanceof Expr.Literal;
        if (root) {
            int dimension = Integer.parseInt(Objects.requireNonNull(producer.argument(1)).toString());
            lines.add(value + " = " + size(source, dimension));
            local.add(value);
        } else {
            write(producer);
        }
    }

    /** The size of a value along a dimension, as text; the value itself need not be there. */
    String size(String value, int dimension) {
        Slots.Size key = new Slots.Size(value, dimension);
        String known = sizes.get(key);
        if (known != null) {
            return known;
        }
        String text = derive(value, dimension);
        if (!text.matches("-?[0-9]+|v[0-9]+")) {
            String name = "n" + sizes.size();
            lines.add(name + " = " + text);
            text = name;
        }
        sizes.put(key, text);
        return text;
    }

    private String derive(String value, int dimension) {
        if (local.contains(value)) {
            return "torch.size(" + value + ", " + dimension + ")";
        }
        boolean start = cut.states().get(0).contains(value);
        if (embed && (start || !cut.isHidden(value))) {
            need(value);
            return "torch.size(" + value + ", " + dimension + ")";
        }
        if (start || !cut.isHidden(value)) {
            return "torch.size(context[0], " + slots.size(value, dimension) + ")";
        }
        return walk(Objects.requireNonNull(graph.producer(value)), dimension);
    }

    /** The size of something that lies in another slice, followed back through operations that tell their result's shape. */
    private String walk(Node node, int dimension) {
        String op = node.shortOp();
        String first = node.value(0);
        if (Operators.SAME_SHAPE.contains(op) || (op.equals("linear") && dimension >= 0 && dimension < 2)) {
            for (int i = 0; i < 3; i++) {
                String operand = node.value(i);
                if (operand != null && cut.isHidden(operand)) {
                    return size(operand, dimension);
                }
            }
        }
        if ((op.equals("reshape") || op.equals("view")) && node.argument(1) instanceof Expr.ListOf list && dimension >= 0) {
            Expr item = dimension < list.items().size() ? list.items().get(dimension) : new Expr.Literal("-1");
            if (!item.toString().equals("-1")) {
                node.uses().stream().filter(item.toString()::equals).forEach(this::need);
                return item.toString();
            }
        }
        if (op.equals("permute") && first != null && node.argument(1) instanceof Expr.ListOf order && dimension >= 0) {
            return size(first, Integer.parseInt(order.items().get(dimension).toString()));
        }
        throw new NotUnderstood("a later residual needs a size of " + node.op() + " (" + node.line()
                + "), which cannot be told from the hidden state");
    }
}
