package io.adacache.djl.instrument.graph;

import io.adacache.djl.instrument.syntax.Expr;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * An operation that adds two tensors: {@code torch.add} or {@code torch.sub}, with a factor or without, or one that
 * multiplies as well: {@code torch.addcmul}, {@code torch.addmm}, {@code torch.baddbmm}.
 *
 * @param first what is added to
 * @param second what is added, its factor and sign included
 * @param swaps whether the second operand may be the stream as well
 * @param subtracts whether it is a difference: what a normalisation takes off is no residual, what a projection gives is
 */
record Sum(Expr first, Expr second, boolean swaps, boolean subtracts) {
    private static final Map<String, String> PRODUCTS = Map.of("torch.addmm", "mm", "torch.baddbmm", "bmm");

    /** The node as a sum, or null. */
    static @Nullable Sum of(Node node) {
        Expr first = node.argument(0);
        Expr second = node.argument(1);
        if (first == null || second == null) {
            return null;
        }
        if (node.op().equals("torch.sub") || node.op().equals("torch.rsub")) {
            boolean turned = node.op().equals("torch.rsub");
            Expr factor = factor(node, 2, "alpha");
            Expr taken = turned ? first : second;
            Expr scaled = factor == null ? taken : times(taken, factor);
            return new Sum(turned ? second : first, call("neg", scaled), false, true);
        }
        if (node.op().equals("torch.add")) {
            Expr factor = factor(node, 2, "alpha");
            return factor == null
                    ? new Sum(first, second, true, false)
                    : new Sum(first, times(second, factor), false, false);
        }
        return node.argument(2) == null ? null : fused(node, first);
    }

    /** A product that is added in the same operation: by elements, or a projection. */
    private static @Nullable Sum fused(Node node, Expr first) {
        Expr second = Objects.requireNonNull(node.argument(1));
        Expr third = Objects.requireNonNull(node.argument(2));
        if (node.op().equals("torch.addcmul")) {
            Expr factor = factor(node, 3, "value");
            Expr product = times(second, third);
            return new Sum(first, factor == null ? product : times(product, factor), false, false);
        }
        String product = PRODUCTS.get(node.op());
        if (product == null || factor(node, 3, "beta") != null) {
            return null;
        }
        Expr factor = factor(node, 4, "alpha");
        Expr added = call(product, second, third);
        return new Sum(first, factor == null ? added : times(added, factor), false, false);
    }

    private static @Nullable Expr factor(Node node, int position, String name) {
        Expr factor = node.argument(position);
        for (Expr.Argument argument : ((Expr.Call) node.expr()).arguments()) {
            factor = name.equals(argument.name()) ? argument.value() : factor;
        }
        return factor == null || factor.toString().matches("1\\.?0?") ? null : factor;
    }

    private static Expr times(Expr a, Expr b) {
        return call("mul", a, b);
    }

    static Expr call(String op, Expr... operands) {
        List<Expr.Argument> arguments =
                Stream.of(operands).map(o -> new Expr.Argument(null, o)).toList();
        return new Expr.Call(new Expr.Attribute(new Expr.Name("torch"), op), arguments);
    }
}
