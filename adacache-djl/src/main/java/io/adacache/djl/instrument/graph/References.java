package io.adacache.djl.instrument.graph;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** Operands that lend an operation their dtype, device or shape, but none of their numbers. */
final class References {
    /** What is lent: dtype and device alone, or the shape as well. */
    enum Lends {
        KIND,
        SHAPE
    }

    private static final Set<String> SECOND_LENDS_SHAPE = Set.of("expand_as", "view_as", "reshape_as");

    private References() {}

    /** The values that a node only refers to; a value whose numbers it reads as well is none. */
    static Map<String, Lends> of(Node node) {
        Map<String, Lends> lent = new HashMap<>();
        String op = node.shortOp();
        if (!node.op().contains(".")) {
            return lent;
        }
        if (asks(op)) {
            node.uses().forEach(v -> lent.put(v, KINDS.contains(op) ? Lends.KIND : Lends.SHAPE));
        } else if (op.endsWith("_like")) {
            lend(node, 0, Lends.SHAPE, lent);
        } else if (op.startsWith("new_")) {
            lend(node, 0, Lends.KIND, lent);
        } else if (SECOND_LENDS_SHAPE.contains(op)) {
            lend(node, 1, Lends.SHAPE, lent);
        } else if (op.equals("type_as") || op.equals("to")) {
            lend(node, 1, Lends.KIND, lent);
        }
        return lent;
    }

    private static final Set<String> KINDS = Set.of("dtype", "device", "is_cuda", "is_floating_point", "is_complex");
    private static final Set<String> SHAPES = Set.of("size", "dim", "numel", "ndimension", "sym_size");

    /** Whether an operation asks a tensor for something that is no number of it. */
    static boolean asks(Node node) {
        return node.op().contains(".") && asks(node.shortOp());
    }

    private static boolean asks(String op) {
        return KINDS.contains(op) || SHAPES.contains(op);
    }

    private static void lend(Node node, int position, Lends what, Map<String, Lends> lent) {
        String value = node.value(position);
        if (value == null) {
            return;
        }
        Set<String> others = new HashSet<>();
        for (int i = 0; node.argument(i) != null; i++) {
            if (i != position) {
                Names.collect(java.util.Objects.requireNonNull(node.argument(i)), others);
            }
        }
        if (!others.contains(value)) {
            lent.put(value, what);
        }
    }
}
