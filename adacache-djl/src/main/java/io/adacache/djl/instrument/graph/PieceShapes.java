package io.adacache.djl.instrument.graph;

import io.adacache.djl.instrument.syntax.Expr;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.IntFunction;

/** Shapes of pieces of the hidden state, as text. */
final class PieceShapes {
    private PieceShapes() {}

    static List<String> of(Piece piece, IntFunction<List<String>> atoms, SliceWriter w) {
        if (piece instanceof Piece.Atom atom) {
            return atoms.apply(atom.start());
        }
        if (piece instanceof Piece.Step step) {
            return after(step.node(), of(step.input(), atoms, w), w);
        }
        Piece.Joined joined = (Piece.Joined) piece;
        List<String> shape = new ArrayList<>(of(joined.parts().get(0), atoms, w));
        String sum = shape.get(joined.dimension());
        for (Piece part : joined.parts().subList(1, joined.parts().size())) {
            sum = "torch.add(" + sum + ", " + of(part, atoms, w).get(joined.dimension()) + ")";
        }
        shape.set(joined.dimension(), sum);
        return shape;
    }

    /** The node's expression on another value. */
    static String replay(Node node, String on, SliceWriter w) {
        String input = Objects.requireNonNull(node.value(0));
        node.uses().stream().filter(u -> !u.equals(input)).forEach(w::need);
        return Names.replace(node.expr(), Map.of(input, new Expr.Name(on))).toString();
    }

    /** What gives a value by glue, on another value; of a piece of a split, the split anew. */
    static String replay(Graph graph, String value, String on, SliceWriter w) {
        Node node = Objects.requireNonNull(graph.producer(value));
        Expr list = node.expr() instanceof Expr.Index i ? i.base() : node.expr();
        Node split = list instanceof Expr.Name name ? graph.producer(name.id()) : null;
        if (split == null) {
            return replay(node, on, w);
        }
        boolean index = node.expr() instanceof Expr.Index;
        Object at = index
                ? ((Expr.Index) node.expr()).indices().get(0)
                : node.outputs().indexOf(value);
        return replay(split, on, w) + "[" + at + "]";
    }

    private static List<String> after(Node node, List<String> shape, SliceWriter w) {
        if (Layouts.permutes(node)) {
            List<String> moved = new ArrayList<>();
            for (int i : Layouts.permutation(node, shape.size())) {
                moved.add(shape.get(i));
            }
            return moved;
        }
        List<String> changed = new ArrayList<>(shape);
        switch (node.shortOp()) {
            case "unsqueeze" -> changed.add(Math.floorMod(number(node, 1), shape.size() + 1), "1");
            case "squeeze" -> changed.remove(Math.floorMod(number(node, 1), shape.size()));
            case "flatten" -> {
                return flattened(node, shape);
            }
            case "unflatten" -> {
                int dimension = Math.floorMod(number(node, 1), shape.size());
                changed.remove(dimension);
                changed.addAll(dimension, written(node, 2, List.of(shape.get(dimension)), w));
            }
            default -> {
                return written(node, 1, shape, w);
            }
        }
        return changed;
    }

    private static List<String> flattened(Node node, List<String> shape) {
        int from = Math.floorMod(node.argument(1) == null ? 0 : number(node, 1), shape.size());
        int to = Math.floorMod(node.argument(2) == null ? -1 : number(node, 2), shape.size());
        List<String> flat = new ArrayList<>(shape.subList(0, from));
        flat.add(LayoutWriter.product(shape.subList(from, to + 1)));
        flat.addAll(shape.subList(to + 1, shape.size()));
        return flat;
    }

    private static List<String> written(Node node, int position, List<String> whole, SliceWriter w) {
        if (!(node.argument(position) instanceof Expr.ListOf list)) {
            throw new NotUnderstood(node.op() + " (" + node.line() + "): its shape is not written out");
        }
        List<String> result = new ArrayList<>();
        List<String> known = new ArrayList<>();
        for (Expr item : list.items()) {
            String text = item.toString();
            if (node.uses().contains(text)) {
                w.need(text);
            }
            result.add(text);
            if (!text.equals("-1")) {
                known.add(text);
            }
        }
        int open = result.indexOf("-1");
        if (open >= 0) {
            result.set(
                    open, "torch.floordiv(" + LayoutWriter.product(whole) + ", " + LayoutWriter.product(known) + ")");
        }
        return result;
    }

    private static int number(Node node, int position) {
        return Layouts.number(node, position);
    }
}
