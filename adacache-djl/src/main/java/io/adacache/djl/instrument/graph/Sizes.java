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

/** Sizes of values that another slice has computed, followed back through operations that tell their result's shape. */
final class Sizes {
    private final Cut cut;
    private final Graph graph;
    private final SliceWriter writer;
    private final Probed probed;
    private final Map<Slots.Size, String> sizes = new HashMap<>();
    private final Set<Slots.Size> unknown = new HashSet<>();

    Sizes(Cut cut, SliceWriter writer, Probed probed) {
        this.cut = cut;
        this.graph = cut.flow().graph();
        this.writer = writer;
        this.probed = probed;
    }

    String of(String value, int dimension) {
        String text = derive(value, dimension);
        if (text == null) {
            Node node = Objects.requireNonNull(graph.producer(value));
            throw new NotUnderstood("a later residual needs a size of " + node.op() + " (" + node.line()
                    + "), which cannot be told from the hidden state");
        }
        return text;
    }

    private @Nullable String derive(String value, int asked) {
        int rank = probed.rank(value);
        int dimension = asked < 0 && rank > 0 ? asked + rank : asked;
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
            writer.line(name + " = " + text);
            text = name;
        }
        sizes.put(key, text);
        return text;
    }

    private @Nullable String find(String value, int dimension) {
        String known = writer.known(value, dimension);
        if (known != null) {
            return known;
        }
        Node producer = Objects.requireNonNull(graph.producer(value));
        String text = walk(producer, dimension);
        return text != null || dimension < 0 ? text : rearranged(producer, value, dimension);
    }

    /** The size behind an operation that drops, swaps or splits dimensions. */
    private @Nullable String rearranged(Node node, String value, int dimension) {
        String source = node.value(0);
        Integer along = positive(node, 1);
        return switch (node.shortOp()) {
            case "unpack" ->
                part(graph.producer(node.expr().toString()), node.outputs().indexOf(value), dimension);
            case "index" ->
                node.expr() instanceof Expr.Index i
                        ? part(graph.producer(i.base().toString()), at(i), dimension)
                        : null;
            case "select" ->
                source == null || along == null ? null : derive(source, dimension < along ? dimension : dimension + 1);
            case "unsqueeze" ->
                source == null || along == null || along == dimension
                        ? along != null && along == dimension ? "1" : null
                        : derive(source, dimension < along ? dimension : dimension - 1);
            case "transpose" -> transposed(node, dimension);
            // A script leaves out what is a default.
            case "slice" -> source == null ? null : sliced(node, source, along == null ? 0 : along, dimension);
            case "narrow" ->
                source == null || along == null
                        ? null
                        : along == dimension
                                ? "int(" + item(node, Objects.requireNonNull(node.argument(3))) + ")"
                                : derive(source, dimension);
            case "cat" -> joined(node, dimension);
            case "flatten" -> flattened(node, dimension);
            case "unflatten" -> unflattened(node, dimension);
            case "scaled_dot_product_attention", "matmul", "bmm" ->
                source != null && dimension < Math.max(2, probed.rank(source) - 1) ? derive(source, dimension) : null;
            default -> null;
        };
    }

    /** A slice's bounds may count from the end, or lie behind it: an empty tensor of the same length knows. */
    private @Nullable String sliced(Node node, String source, int along, int dimension) {
        String whole = derive(source, dimension);
        if (along != dimension || whole == null || node.argument(2) == null) {
            return whole;
        }
        List<String> bounds = new ArrayList<>();
        for (int i = 2; node.argument(i) != null; i++) {
            bounds.add(item(node, Objects.requireNonNull(node.argument(i))));
        }
        return "torch.size(torch.slice(torch.empty([" + whole + ", 0]), 0, " + String.join(", ", bounds) + "), 0)";
    }

    private @Nullable String transposed(Node node, int dimension) {
        String source = node.value(0);
        Integer a = positive(node, 1);
        Integer b = positive(node, 2);
        if (source == null || a == null || b == null) {
            return null;
        }
        return derive(source, dimension == a ? b : dimension == b ? a : dimension);
    }

    private @Nullable String joined(Node cat, int dimension) {
        List<String> items = Glue.joins(cat) ? Glue.items(cat) : List.of();
        Integer along =
                items.isEmpty() ? null : cat.argument(1) == null ? Integer.valueOf(0) : positive(cat, 1, items.get(0));
        if (along == null) {
            return null;
        }
        if (dimension != along) {
            return derive(items.get(0), dimension);
        }
        String sum = null;
        for (String item : items) {
            String size = derive(item, dimension);
            if (size == null) {
                return null;
            }
            sum = sum == null ? size : "torch.add(" + sum + ", " + size + ")";
        }
        return sum;
    }

    private @Nullable String flattened(Node node, int dimension) {
        String source = node.value(0);
        int rank = source == null ? -1 : probed.rank(source);
        Integer from = node.argument(1) == null ? Integer.valueOf(0) : positive(node, 1);
        Integer given = node.argument(2) == null ? Integer.valueOf(rank - 1) : integer(node, 2);
        if (source == null || rank < 0 || from == null || given == null) {
            return null;
        }
        int to = given < 0 ? given + rank : given;
        if (dimension != from) {
            return derive(source, dimension < from ? dimension : dimension + to - from);
        }
        return product(source, from, to + 1);
    }

    private @Nullable String product(String source, int from, int to) {
        List<String> all = new ArrayList<>();
        for (int i = from; i < to; i++) {
            String size = derive(source, i);
            if (size == null) {
                return null;
            }
            all.add(size);
        }
        return LayoutWriter.product(all);
    }

    private @Nullable String unflattened(Node node, int dimension) {
        String source = node.value(0);
        Integer along = positive(node, 1);
        if (source == null || along == null || !(node.argument(2) instanceof Expr.ListOf list)) {
            return null;
        }
        int count = list.items().size();
        if (dimension < along || dimension >= along + count) {
            return derive(source, dimension < along ? dimension : dimension - count + 1);
        }
        Expr item = list.items().get(dimension - along);
        if (!item.toString().equals("-1")) {
            return item(node, item);
        }
        String whole = derive(source, along);
        return whole == null ? null : "torch.floordiv(" + whole + ", " + LayoutWriter.product(named(node, list)) + ")";
    }

    private static int at(Expr.Index index) {
        String at = index.indices().get(0).toString();
        return at.matches("[0-9]{1,6}") ? Integer.parseInt(at) : -1;
    }

    private @Nullable String part(@Nullable Node parts, int piece, int dimension) {
        String source = parts == null ? null : parts.value(0);
        if (parts == null || source == null) {
            return null;
        }
        boolean unbind = parts.shortOp().equals("unbind");
        Integer along =
                parts.argument(unbind ? 1 : 2) == null ? Integer.valueOf(0) : positive(parts, unbind ? 1 : 2, source);
        if (along == null) {
            return null;
        }
        if (unbind) {
            return derive(source, dimension < along ? dimension : dimension + 1);
        }
        if (!Operators.SPLITS.contains(parts.shortOp())) {
            return null;
        }
        return dimension != along ? derive(source, dimension) : size(parts, piece);
    }

    /** The size of one piece where it is written down in a list of sizes. */
    private @Nullable String size(Node parts, int piece) {
        if (parts.argument(1) instanceof Expr.ListOf list
                && piece >= 0
                && piece < list.items().size()) {
            return item(parts, list.items().get(piece));
        }
        return null;
    }

    /** A dimension counted from the front. */
    private @Nullable Integer positive(Node node, int position) {
        String source = node.value(0);
        return source == null ? integer(node, position) : positive(node, position, source);
    }

    private @Nullable Integer positive(Node node, int position, String source) {
        Integer given = integer(node, position);
        int rank = probed.rank(source) + (node.shortOp().equals("unsqueeze") ? 1 : 0);
        if (given == null || given >= 0) {
            return given;
        }
        return rank > 0 ? Integer.valueOf(given + rank) : null;
    }

    private static @Nullable Integer integer(Node node, int position) {
        Expr argument = node.argument(position);
        return argument instanceof Expr.Literal l && l.text().matches("-?[0-9]{1,3}")
                ? Integer.valueOf(l.text())
                : null;
    }

    /** The size behind an operation that keeps shapes, or names its result's. */
    private @Nullable String walk(Node node, int dimension) {
        String op = node.shortOp();
        StreamAdd add = cut.addition(node);
        if (add != null) {
            return derive(add.stream(), dimension);
        }
        String same = sameShape(node, dimension);
        if (same != null) {
            return same;
        }
        boolean named = op.startsWith("new_") || op.equals("reshape") || op.equals("view");
        if (named && node.argument(1) instanceof Expr.ListOf list && dimension >= 0) {
            Expr item = dimension < list.items().size() ? list.items().get(dimension) : new Expr.Literal("-1");
            if (!item.toString().equals("-1")) {
                return item(node, item);
            }
            String first = node.value(0);
            return first == null || op.startsWith("new_") ? null : open(node, first, list);
        }
        String first = node.value(0);
        if (op.equals("permute") && first != null && node.argument(1) instanceof Expr.ListOf order && dimension >= 0) {
            int from = Integer.parseInt(order.items().get(dimension).toString());
            return derive(first, Math.floorMod(from, order.items().size()));
        }
        return null;
    }

    private @Nullable String sameShape(Node node, int dimension) {
        boolean linear =
                node.shortOp().equals("linear") && dimension >= 0 && dimension < Math.max(2, rank(node.value(0)) - 1);
        if (!linear && !Operators.SAME_SHAPE.contains(node.shortOp())) {
            return null;
        }
        int last = linear ? 1 : 3;
        for (int i = 0; i < last; i++) {
            String operand = node.value(i);
            if (operand == null || cut.flow().isSize(operand) || !(linear || alike(operand, node))) {
                continue;
            }
            String text = derive(operand, dimension);
            if (text != null) {
                return text;
            }
        }
        return null;
    }

    /** Whether an operand has its result's shape and is not stretched: seen in a call, or it is hidden, which a gate is not. */
    private boolean alike(String operand, Node node) {
        long[] a = probed.shape(operand);
        long[] b = probed.shape(node.output());
        return a != null && b != null ? java.util.Arrays.equals(a, b) : cut.isHidden(operand);
    }

    private int rank(@Nullable String value) {
        return value == null ? -1 : probed.rank(value);
    }

    private String item(Node node, Expr item) {
        node.uses().stream().filter(item.toString()::equals).forEach(writer::need);
        return item.toString();
    }

    private List<String> named(Node node, Expr.ListOf list) {
        List<String> named = new ArrayList<>();
        for (Expr item : list.items()) {
            if (!item.toString().equals("-1")) {
                named.add(item(node, item));
            }
        }
        return named;
    }

    /** The size that a reshape leaves open: all elements over the sizes that it names. */
    private @Nullable String open(Node node, String input, Expr.ListOf list) {
        int rank = probed.rank(input);
        String all = rank < 0 ? null : product(input, 0, rank);
        return all == null ? null : "torch.floordiv(" + all + ", " + LayoutWriter.product(named(node, list)) + ")";
    }
}
