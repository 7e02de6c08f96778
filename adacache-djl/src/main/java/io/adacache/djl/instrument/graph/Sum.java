package io.adacache.djl.instrument.graph;

import io.adacache.djl.instrument.syntax.Expr;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An operation that adds two tensors: {@code torch.add}, with a factor or without, or {@code torch.addcmul}.
 *
 * @param first what is added to
 * @param second what is added, its factor included
 * @param swaps whether the second operand may be the stream as well
 */
record Sum(Expr first, Expr second, boolean swaps) {
    /** The node as a sum, or null. */
    static @Nullable Sum of(Node node) {
        Expr first = node.argument(0);
        Expr second = node.argument(1);
        if (first == null || second == null || !node.op().startsWith("torch.add")) {
            return null;
        }
        if (node.op().equals("torch.add")) {
            Expr factor = factor(node, 2, "alpha");
            return factor == null ? new Sum(first, second, true) : new Sum(first, times(second, factor), false);
        }
        Expr third = node.argument(2);
        if (!node.op().equals("torch.addcmul") || third == null) {
            return null;
        }
        Expr factor = factor(node, 3, "value");
        Expr product = times(second, third);
        return new Sum(first, factor == null ? product : times(product, factor), false);
    }

    private static @Nullable Expr factor(Node node, int position, String name) {
        Expr factor = node.argument(position);
        for (Expr.Argument argument : ((Expr.Call) node.expr()).arguments()) {
            factor = name.equals(argument.name()) ? argument.value() : factor;
        }
        return factor == null || factor.toString().matches("1\\.?0?") ? null : factor;
    }

    private static Expr times(Expr a, Expr b) {
        Expr mul = new Expr.Attribute(new Expr.Name("torch"), "mul");
        return new Expr.Call(mul, List.of(new Expr.Argument(null, a), new Expr.Argument(null, b)));
    }
}
