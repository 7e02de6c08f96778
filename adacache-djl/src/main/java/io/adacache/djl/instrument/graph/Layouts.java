package io.adacache.djl.instrument.graph;

import io.adacache.djl.instrument.syntax.Expr;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** The distinct layouts of the hidden state along the spine, told apart on the shapes of one actual call. */
final class Layouts {
    private final Cut cut;
    private final Map<String, long[]> shapes;
    private final List<Layout> distinct = new ArrayList<>();
    private final List<TokenOrder> orders = new ArrayList<>();
    private final int[] ids;

    /**
     * @param shapes shapes of the values along the spine and its glue, from one call
     * @throws NotUnderstood if something on the spine is no permutation of tokens
     */
    Layouts(Cut cut, Map<String, long[]> shapes) {
        this.cut = cut;
        this.shapes = shapes;
        this.ids = new int[cut.states().size()];
        if (cut.states().get(0).size() == 1) {
            single();
        } else {
            pair();
        }
    }

    List<Layout> distinct() {
        return distinct;
    }

    /** The layout of the state at a cut. */
    int id(int cutIndex) {
        return ids[cutIndex];
    }

    private void single() {
        TokenOrder order =
                TokenOrder.of(withoutChannels(shape(cut.states().get(0).get(0))));
        List<Node> glue = new ArrayList<>();
        ids[0] = id(order, glue);
        for (int k = 0; k < cut.sites().size(); k++) {
            // Additions of one site may have been merged; their glue follows one another.
            List<Node> steps = cut.glue(
                    cut.sites().get(k).get(cut.sites().get(k).size() - 1),
                    cut.states().get(k));
            for (Node node : steps) {
                order = step(order, node);
            }
            if (!steps.isEmpty()) {
                glue = new ArrayList<>(glue);
                glue.addAll(steps);
            }
            ids[k + 1] = id(order, glue);
            glue = distinct.get(ids[k + 1]).glue();
        }
    }

    private int id(TokenOrder order, List<Node> glue) {
        for (int i = 0; i < orders.size(); i++) {
            if (orders.get(i).same(order)) {
                return i;
            }
        }
        orders.add(order);
        distinct.add(new Layout(1, List.copyOf(glue), false));
        return orders.size() - 1;
    }

    private void pair() {
        distinct.add(new Layout(2, List.of(), false));
        for (int k = 0; k < cut.sites().size(); k++) {
            boolean joinedNow = cut.states().get(k + 1).size() == 1;
            for (StreamAdd add : cut.sites().get(k)) {
                List<Node> glue = new ArrayList<>(cut.glue(add, cut.states().get(k)));
                glue.removeIf(n -> Operators.IDENTITY.contains(n.shortOp()));
                if (joinedNow && cut.states().get(k).size() == 2) {
                    glue.removeIf(n -> n.shortOp().equals("cat"));
                }
                if (!glue.isEmpty()) {
                    throw new NotUnderstood("two streams, and " + glue.get(0).op() + " ("
                            + glue.get(0).line() + ") rearranges one between additions");
                }
            }
            if (joinedNow && distinct.size() == 1) {
                distinct.add(new Layout(1, List.of(), true));
            }
            ids[k + 1] = joinedNow ? 1 : 0;
        }
    }

    private TokenOrder step(TokenOrder order, Node node) {
        if (Operators.IDENTITY.contains(node.shortOp())) {
            return order;
        }
        long[] after = shape(node.output());
        long channels =
                shape(cut.states().get(0).get(0))[shape(cut.states().get(0).get(0)).length - 1];
        if (after[after.length - 1] != channels) {
            throw new NotUnderstood(node.op() + " (" + node.line() + ") moves the channels of the hidden state");
        }
        if (node.shortOp().equals("permute")
                || node.shortOp().startsWith("transpose")
                || node.shortOp().startsWith("swap")) {
            int[] permutation = permutation(node, after.length);
            if (permutation[after.length - 1] != after.length - 1) {
                throw new NotUnderstood(node.op() + " (" + node.line() + ") moves the channels of the hidden state");
            }
            return order.permuted(Arrays.copyOf(permutation, after.length - 1));
        }
        return order.reshaped(withoutChannels(after));
    }

    /** The order of dimensions that a permute or transpose asks for. */
    static int[] permutation(Node node, int rank) {
        int[] order = new int[rank];
        if (node.argument(1) instanceof Expr.ListOf list) {
            for (int i = 0; i < rank; i++) {
                order[i] = Math.floorMod(Integer.parseInt(list.items().get(i).toString()), rank);
            }
            return order;
        }
        for (int i = 0; i < rank; i++) {
            order[i] = i;
        }
        int a = Math.floorMod(Integer.parseInt(String.valueOf(node.argument(1))), rank);
        int b = Math.floorMod(Integer.parseInt(String.valueOf(node.argument(2))), rank);
        order[a] = b;
        order[b] = a;
        return order;
    }

    private long[] shape(String value) {
        return Objects.requireNonNull(shapes.get(value), value);
    }

    private static long[] withoutChannels(long[] shape) {
        if (shape.length < 2) {
            throw new NotUnderstood("the hidden state has " + shape.length + " dimensions");
        }
        return Arrays.copyOf(shape, shape.length - 1);
    }
}
