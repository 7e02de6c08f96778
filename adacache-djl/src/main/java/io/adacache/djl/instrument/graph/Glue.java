package io.adacache.djl.instrument.graph;

import io.adacache.djl.instrument.syntax.Expr;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Operations that move, split, join or cast the tokens of a stream, but compute nothing. */
final class Glue {
    private final Flow flow;

    Glue(Flow flow) {
        this.flow = flow;
    }

    /** The only operand of glue that keeps all tokens, or null: a permutation, a reshape, a cast. */
    @Nullable
    String whole(Node node) {
        String first = node.value(0);
        if (!node.op().startsWith("torch.") || first == null || flow.isSize(first)) {
            return null;
        }
        boolean glue = isSlice(node) ? wholeSlice(node) : Operators.GLUE.contains(node.shortOp());
        return glue ? first : null;
    }

    /** The operands whose tokens, all or some, a node hands on; empty if it is no glue. */
    List<String> sources(Node node) {
        String whole = whole(node);
        if (whole != null) {
            return List.of(whole);
        }
        String split = split(node);
        if (split != null) {
            return List.of(split);
        }
        if (isSlice(node) || node.shortOp().equals("narrow")) {
            String first = node.value(0);
            return first == null || flow.isSize(first) ? List.of() : List.of(first);
        }
        return joins(node) ? items(node) : List.of();
    }

    /** Whether a node takes a part of the tokens, or puts parts together. */
    boolean parts(Node node) {
        return whole(node) == null && !sources(node).isEmpty();
    }

    static boolean joins(Node node) {
        return node.op().equals("torch.cat") && node.argument(0) instanceof Expr.ListOf;
    }

    static List<String> items(Node cat) {
        List<String> items = new ArrayList<>();
        for (Expr item : ((Expr.ListOf) java.util.Objects.requireNonNull(cat.argument(0))).items()) {
            if (!(item instanceof Expr.Name name) || !cat.uses().contains(name.id())) {
                return List.of();
            }
            items.add(name.id());
        }
        return items;
    }

    /** What a node takes one piece of, if it takes the pieces of a split apart. */
    private @Nullable String split(Node node) {
        Expr list = node.expr() instanceof Expr.Index i ? i.base() : node.op().equals("unpack") ? node.expr() : null;
        Node parts = list instanceof Expr.Name n ? flow.graph().producer(n.id()) : null;
        return parts != null && Operators.SPLITS.contains(parts.shortOp()) ? parts.value(0) : null;
    }

    static boolean isSlice(Node node) {
        return node.op().equals("torch.slice");
    }

    /** {@code x[:]}, which a tracer writes out. */
    static boolean wholeSlice(Node node) {
        return isSlice(node)
                && node.written(2, "0").equals("0")
                && node.written(3, LayoutWriter.ALL).equals(LayoutWriter.ALL)
                && node.written(4, "1").equals("1");
    }

    /** The value behind whole glue, seen backwards. */
    String root(String value) {
        String at = value;
        Node node = flow.graph().producer(at);
        String source = node == null ? null : whole(node);
        while (source != null) {
            at = source;
            node = flow.graph().producer(at);
            source = node == null ? null : whole(node);
        }
        return at;
    }
}
