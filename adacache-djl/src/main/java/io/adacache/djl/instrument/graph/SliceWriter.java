package io.adacache.djl.instrument.graph;

import io.adacache.djl.instrument.syntax.Expr;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Writes the body of one slice: operations in their order, and before each what it needs from outside. Sizes are computed anew
 * in each slice, from sizes in the context; tensors of {@code embed} are taken out of the context; what only lends its dtype or
 * shape is replaced by an empty stand-in; glue is repeated where it is needed.
 */
final class SliceWriter {
    private final Cut cut;
    private final Flow flow;
    private final Graph graph;
    private final Slots slots;
    private final Probed probed;
    private final boolean embed;
    private final Set<String> local = new HashSet<>();
    private final Map<String, String> standIns = new HashMap<>();
    private final List<String> lines = new ArrayList<>();
    private final Sizes sizes;
    private @Nullable String anchor;

    /** A slice that is handed the context. */
    SliceWriter(Cut cut, Slots slots, Probed probed) {
        this(cut, slots, probed, false);
    }

    /** With {@code embed}, everything that does not depend on a site is computed on the spot. */
    SliceWriter(Cut cut, Slots slots, Probed probed, boolean embed) {
        this.cut = cut;
        this.flow = cut.flow();
        this.graph = flow.graph();
        this.slots = slots;
        this.probed = probed;
        this.embed = embed;
        this.sizes = new Sizes(cut, this, probed);
    }

    List<String> lines() {
        return lines;
    }

    void line(String text) {
        lines.add(embed ? text : slots.tables().lent(text, slots));
    }

    /** Declares that a value is there under its own name. */
    void given(String value) {
        local.add(value);
        anchor = anchor == null ? value : anchor;
    }

    boolean has(String value) {
        return local.contains(value);
    }

    void write(List<Node> nodes) {
        nodes.forEach(this::write);
    }

    void write(Node node) {
        write(node, Map.of());
    }

    /** Writes an operation with other expressions in place of some of the values that it reads. */
    void write(Node node, Map<String, Expr> instead) {
        if (!node.outputs().isEmpty() && local.contains(node.output())) {
            return;
        }
        Map<String, Expr> replaced = new HashMap<>(instead);
        Map<String, References.Lends> lent = References.of(node);
        for (String use : node.uses()) {
            References.Lends lends = lent.get(use);
            if (instead.containsKey(use)) {
                continue;
            }
            if (lends != null && !local.contains(use) && !flow.isSize(use) && !reachable(use)) {
                replaced.put(use, new Expr.Name(standIn(use, lends, saysDtype(node))));
            } else {
                need(use);
            }
        }
        line(node.statement(replaced));
        local.addAll(node.outputs());
    }

    /** Whether a value that only lends its shape is at hand without carrying it through the context. */
    private boolean reachable(String value) {
        return cut.isEarly(value) && (embed || probed.dtype(value) == null);
    }

    /** Whether an operation names the dtype of its result, so that it takes over none. */
    private static boolean saysDtype(Node node) {
        return node.expr() instanceof Expr.Call call
                && call.arguments().stream()
                        .anyMatch(a -> "dtype".equals(a.name())
                                && !a.value().toString().equals("None"));
    }

    /** An empty tensor of a value's dtype, device and, where that is asked for, shape. */
    private String standIn(String value, References.Lends lends, boolean deviceAlone) {
        boolean shaped = lends == References.Lends.SHAPE;
        String name = (deviceAlone ? "device_" : shaped ? "like_" : "kind_") + value;
        String known = standIns.get(name);
        if (known != null) {
            return known;
        }
        Integer dtype = probed.dtype(value);
        if (dtype == null && !deviceAlone) {
            throw new NotUnderstood("an operation takes over the dtype of " + describe(value) + ", which is not known");
        }
        String one = "torch.new_empty(" + anchor() + ", [" + (shaped ? "1" : "0") + "]"
                + (deviceAlone ? ")" : ", dtype=" + dtype + ")");
        List<String> shape = new ArrayList<>();
        for (int i = 0; shaped && i < probed.rank(value); i++) {
            shape.add(size(value, i));
        }
        lines.add(name + " = " + (shaped ? "torch.expand(" + one + ", [" + String.join(", ", shape) + "])" : one));
        standIns.put(name, name);
        return name;
    }

    /** Some tensor on the device of the slice. */
    private String anchor() {
        if (anchor == null) {
            throw new NotUnderstood("a slice has no tensor to take a device from");
        }
        return anchor;
    }

    /** Makes a value available, or refuses. */
    void need(String value) {
        if (local.contains(value)) {
            return;
        }
        Node producer = graph.producer(value);
        if (producer != null && flow.isSize(value)) {
            needSize(value, producer);
        } else if (embed && producer != null && cut.isEarly(value)) {
            write(producer);
        } else if (!embed && cut.isEarly(value)) {
            lines.add(value + " = context[" + slots.tensor(value) + "]");
            local.add(value);
        } else if (producer != null && !cut.trunk().glueSources(value).isEmpty()) {
            write(producer);
        } else if (producer != null && isSplit(producer)) {
            write(producer);
        } else {
            throw new NotUnderstood("a residual reads something that another one has computed: " + describe(value));
        }
    }

    private static boolean isSplit(Node node) {
        return Operators.SPLITS.contains(node.shortOp());
    }

    private String describe(String value) {
        Node producer = graph.producer(value);
        return producer == null ? "an input" : producer.op() + " (" + producer.line() + ")";
    }

    private void needSize(String value, Node producer) {
        String source = producer.value(0);
        if (producer.shortOp().equals("size")
                && source != null
                && !flow.isSize(source)
                && producer.argument(1) instanceof Expr.Literal dimension) {
            lines.add(value + " = " + size(source, Integer.parseInt(dimension.toString())));
            local.add(value);
        } else {
            write(producer);
        }
    }

    /** The size of a value along a dimension, as text; the value itself need not be there. */
    String size(String value, int dimension) {
        return sizes.of(value, dimension);
    }

    /** Where a size comes from that no operation of this slice tells: the value itself, or the context; null if neither has it. */
    @Nullable
    String known(String value, int dimension) {
        if (local.contains(value)) {
            return "torch.size(" + value + ", " + dimension + ")";
        }
        if (!cut.isEarly(value)) {
            return null;
        }
        if (embed) {
            need(value);
            return "torch.size(" + value + ", " + dimension + ")";
        }
        return "torch.size(context[0], " + slots.size(value, dimension) + ")";
    }
}
