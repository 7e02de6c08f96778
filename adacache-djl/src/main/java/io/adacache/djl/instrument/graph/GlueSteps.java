package io.adacache.djl.instrument.graph;

import io.adacache.djl.instrument.syntax.Expr;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Follows tokens through glue, on the shapes of one actual call, and writes down how they got there. */
final class GlueSteps {
    private final Cut cut;
    private final Graph graph;
    private final Probed probed;
    private final List<Placed> atoms = new ArrayList<>();

    /** Where the tokens of a value come from: as an expression, and token by token. */
    record Placed(Piece piece, TokenOrder order) {}

    GlueSteps(Cut cut, Probed probed) {
        this.cut = cut;
        this.graph = cut.flow().graph();
        this.probed = probed;
        int tokens = 0;
        for (String start : cut.states().get(0)) {
            TokenOrder order = TokenOrder.of(withoutChannels(shape(start)), tokens);
            tokens += order.tokens().length;
            atoms.add(new Placed(new Piece.Atom(atoms.size()), order));
        }
    }

    /** The starts of the streams. */
    Map<String, Placed> starts() {
        Map<String, Placed> starts = new HashMap<>();
        for (int i = 0; i < atoms.size(); i++) {
            starts.put(cut.states().get(0).get(i), atoms.get(i));
        }
        return starts;
    }

    /** A stream as it starts. */
    Placed start(int stream) {
        return atoms.get(stream);
    }

    /** Follows a value back to what is placed already. */
    Placed place(String value, Map<String, Placed> placed) {
        Placed known = placed.get(value);
        if (known != null) {
            return known;
        }
        Node node = Objects.requireNonNull(graph.producer(value), value);
        StreamAdd add = cut.addition(node);
        if (add != null) {
            if (add.exchanges() && !Arrays.equals(shape(value), shape(add.stream()))) {
                throw new NotUnderstood(node.op() + " (" + node.line() + ") joins the channels of the hidden state");
            }
            return place(add.stream(), placed);
        }
        List<Placed> sources = new ArrayList<>();
        cut.trunk().glueSources(value).forEach(v -> sources.add(place(v, placed)));
        if (sources.isEmpty()) {
            throw new NotUnderstood(node.op() + " (" + node.line() + ") is no glue");
        }
        if (cut.trunk().glue().whole(node) != null) {
            return whole(node, sources.get(0));
        }
        return Glue.joins(node) ? joined(node, sources) : part(node, value, sources.get(0));
    }

    private Placed whole(Node node, Placed from) {
        if (Operators.IDENTITY.contains(node.shortOp())) {
            return from;
        }
        long[] after = shape(node.output());
        long[] before = shape(Objects.requireNonNull(node.value(0)));
        boolean moves = after[after.length - 1] != before[before.length - 1];
        TokenOrder order;
        if (Layouts.permutes(node)) {
            int[] permutation = Layouts.permutation(node, after.length);
            moves |= permutation[after.length - 1] != after.length - 1;
            order = moves ? from.order() : from.order().permuted(Arrays.copyOf(permutation, after.length - 1));
        } else {
            order = from.order().reshaped(withoutChannels(after));
        }
        if (moves) {
            throw new NotUnderstood(node.op() + " (" + node.line() + ") moves the channels of the hidden state");
        }
        return new Placed(new Piece.Step(node, from.piece()), order);
    }

    private Placed joined(Node node, List<Placed> sources) {
        int rank = shape(node.output()).length;
        int dimension = Math.floorMod(literal(node, 1), rank);
        if (dimension == rank - 1) {
            throw new NotUnderstood(node.op() + " (" + node.line() + ") joins the channels of the hidden state");
        }
        List<Piece> parts = new ArrayList<>();
        List<TokenOrder> orders = new ArrayList<>();
        for (Placed source : sources) {
            boolean flat = source.piece() instanceof Piece.Joined inner && inner.dimension() == dimension;
            parts.addAll(flat ? ((Piece.Joined) source.piece()).parts() : List.of(source.piece()));
            orders.add(source.order());
        }
        return new Placed(new Piece.Joined(dimension, parts), TokenOrder.joined(dimension, orders));
    }

    /** A part is understood if it is made of whole streams. */
    private Placed part(Node node, String value, Placed from) {
        int rank = from.order().shape().length + 1;
        int dimension = Math.floorMod(literal(node, dimensionAt(node)), rank);
        long size = shape(value)[dimension];
        TokenOrder wanted = dimension == rank - 1
                ? from.order()
                : from.order().slice(dimension, begin(node, value, dimension), size);
        if (dimension < rank - 1 && wanted.same(from.order())) {
            return new Placed(from.piece(), wanted);
        }
        if (from.piece() instanceof Piece.Joined joined && joined.dimension() == dimension) {
            for (int i = 0; i < joined.parts().size(); i++) {
                for (int j = i; j < joined.parts().size(); j++) {
                    List<Piece> parts = joined.parts().subList(i, j + 1);
                    TokenOrder order = order(new Piece.Joined(dimension, parts));
                    if (order.same(wanted)) {
                        return new Placed(
                                parts.size() == 1 ? parts.get(0) : new Piece.Joined(dimension, parts), wanted);
                    }
                }
            }
        }
        throw new NotUnderstood(node.op() + " (" + node.line() + ") cuts a stream of the hidden state into parts");
    }

    private TokenOrder order(Piece piece) {
        if (piece instanceof Piece.Atom atom) {
            return atoms.get(atom.start()).order();
        }
        if (piece instanceof Piece.Joined joined) {
            return TokenOrder.joined(
                    joined.dimension(), joined.parts().stream().map(this::order).toList());
        }
        Piece.Step step = (Piece.Step) piece;
        return whole(step.node(), new Placed(step.input(), order(step.input()))).order();
    }

    private Node split(Node piece) {
        Expr list = piece.expr() instanceof Expr.Index i ? i.base() : piece.expr();
        return piece.op().equals("unpack") || piece.op().equals("index")
                ? Objects.requireNonNull(graph.producer(list.toString()))
                : piece;
    }

    private int dimensionAt(Node node) {
        Node split = split(node);
        return split == node ? 1 : 2;
    }

    /** The first token of a part along a dimension. */
    private long begin(Node node, String value, int dimension) {
        if (node.op().equals("unpack")) {
            long begin = 0;
            for (String output : node.outputs().subList(0, node.outputs().indexOf(value))) {
                begin += shape(output)[dimension];
            }
            return begin;
        }
        long whole = shape(Objects.requireNonNull(split(node).value(0)))[dimension];
        if (node.expr() instanceof Expr.Index index) {
            int at = Integer.parseInt(index.indices().get(0).toString());
            long number = number(split(node), 1);
            boolean count = split(node).shortOp().endsWith("chunk");
            return at < 0 ? whole - shape(value)[dimension] : at * (count ? (whole + number - 1) / number : number);
        }
        if (Glue.isSlice(node) && node.argument(4) != null && literal(node, 4) != 1) {
            throw new NotUnderstood(node.op() + " (" + node.line() + ") takes every other token");
        }
        long begin = node.written(2, "0").equals("0") ? 0 : number(node, 2);
        return Math.max(0, Math.min(whole, begin < 0 ? begin + whole : begin));
    }

    private long number(Node node, int position) {
        Expr argument = node.argument(position);
        Long seen = argument instanceof Expr.Name name ? probed.numbers().get(name.id()) : null;
        if (seen != null) {
            return seen;
        }
        if (!(argument instanceof Expr.Literal l) || !l.text().matches("-?[0-9]+")) {
            throw new NotUnderstood(node.op() + " (" + node.line() + "): where it cuts is not written out");
        }
        return Long.parseLong(l.text());
    }

    private int literal(Node node, int position) {
        Node at = position == 2 && !Glue.isSlice(node) ? split(node) : node;
        Expr argument = at.argument(position);
        if (argument == null) {
            return 0;
        }
        if (!argument.toString().matches("-?[0-9]+")) {
            throw new NotUnderstood(node.op() + " (" + node.line() + "): its dimension is not written out");
        }
        return Integer.parseInt(argument.toString());
    }

    private long[] shape(String value) {
        long[] shape = probed.shape(value);
        if (shape == null) {
            throw new NotUnderstood("the shape of " + value + " was not seen");
        }
        return shape;
    }

    private static long[] withoutChannels(long[] shape) {
        if (shape.length < 2) {
            throw new NotUnderstood("the hidden state has " + shape.length + " dimensions");
        }
        return Arrays.copyOf(shape, shape.length - 1);
    }
}
