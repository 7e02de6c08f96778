package io.adacache.djl.instrument.graph;

import io.adacache.djl.instrument.syntax.Expr;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;

/**
 * The distinct layouts of the hidden state along the spine, told apart on the shapes of one actual call. Streams that a split leaves to
 * nobody are carried on behind the values of the state, as they were last.
 */
final class Layouts {
    private final Cut cut;
    private final Probed probed;
    private final GlueSteps steps;
    private final List<Placement> distinct = new ArrayList<>();
    private final List<List<TokenOrder>> orders = new ArrayList<>();
    private final int[] ids;
    private final List<Set<Integer>> carried = new ArrayList<>();
    /** PyTorch's codes of the values that streams were last part of. */
    private final Map<Integer, Integer> lastDtypes = new HashMap<>();

    /**
     * @param probed shapes of the values along the spine and its glue, from one call
     * @throws NotUnderstood if something on the spine is no permutation of tokens
     */
    Layouts(Cut cut, Probed probed) {
        this.cut = cut;
        this.probed = probed;
        this.steps = new GlueSteps(cut, probed);
        this.ids = new int[cut.states().size()];
        Map<String, GlueSteps.Placed> placed = new HashMap<>(steps.starts());
        for (int k = 0; k < ids.length; k++) {
            Map<String, GlueSteps.Placed> now = new HashMap<>();
            for (String value : cut.states().get(k)) {
                now.put(value, steps.place(value, placed));
            }
            ids[k] = id(cut.states().get(k), now);
            placed.putAll(now);
        }
    }

    List<Placement> distinct() {
        return distinct;
    }

    /** The layout of the state at a cut. */
    int id(int cutIndex) {
        return ids[cutIndex];
    }

    /** The streams that the state at a cut carries on although nothing reads them any more. */
    Set<Integer> carried(int cutIndex) {
        return carried.get(cutIndex);
    }

    /** The values of the state at a cut and, behind them, the streams that it carries on. */
    List<String> state(int cutIndex) {
        List<String> state = new ArrayList<>(cut.states().get(cutIndex));
        carried.get(cutIndex).forEach(stream -> state.add(name(stream)));
        return state;
    }

    /** What a stream that is carried on is called. */
    static String name(int stream) {
        return "carried_" + stream;
    }

    private int id(List<String> state, Map<String, GlueSteps.Placed> now) {
        List<TokenOrder> order = new ArrayList<>();
        List<Integer> dtypes = new ArrayList<>();
        List<Piece> pieces = new ArrayList<>();
        List<List<Integer>> strided = new ArrayList<>();
        for (String value : state) {
            order.add(Objects.requireNonNull(now.get(value)).order());
            pieces.add(Objects.requireNonNull(now.get(value)).piece());
            strided.add(probed.strided().getOrDefault(value, List.of()));
            dtypes.add(Objects.requireNonNull(probed.dtype(value), value));
        }
        disjoint(order, state);
        for (int stream : lost(pieces, dtypes)) {
            GlueSteps.Placed start = steps.start(stream);
            order.add(start.order());
            pieces.add(start.piece());
            strided.add(List.of());
            dtypes.add(Objects.requireNonNull(lastDtypes.get(stream)));
        }
        for (int i = 0; i < orders.size(); i++) {
            if (same(orders.get(i), order)
                    && distinct.get(i).dtypes().equals(dtypes)
                    && distinct.get(i).strided().equals(strided)) {
                shorten(state, now, distinct.get(i));
                return i;
            }
        }
        orders.add(order);
        distinct.add(new Placement(pieces, dtypes, strided));
        return orders.size() - 1;
    }

    /** The streams that earlier states were made of and this one is not; it carries them on. */
    private Set<Integer> lost(List<Piece> pieces, List<Integer> types) {
        Set<Integer> lost = new TreeSet<>(lastDtypes.keySet());
        for (int i = 0; i < pieces.size(); i++) {
            int dtype = types.get(i);
            Set<Integer> streams = pieces.get(i).streams();
            streams.forEach(stream -> lastDtypes.put(stream, dtype));
            lost.removeAll(streams);
        }
        carried.add(lost);
        return lost;
    }

    /** A layout that comes back is written as it was the first time. */
    private static void shorten(List<String> state, Map<String, GlueSteps.Placed> now, Placement known) {
        for (int i = 0; i < state.size(); i++) {
            Piece piece = known.values().get(i);
            now.computeIfPresent(state.get(i), (v, p) -> new GlueSteps.Placed(piece, p.order()));
        }
    }

    private static boolean same(List<TokenOrder> a, List<TokenOrder> b) {
        boolean same = a.size() == b.size();
        for (int i = 0; same && i < a.size(); i++) {
            same = a.get(i).same(b.get(i));
        }
        return same;
    }

    private void disjoint(List<TokenOrder> orders, List<String> state) {
        BitSet seen = new BitSet();
        for (int i = 0; i < orders.size(); i++) {
            for (int token : orders.get(i).tokens()) {
                if (seen.get(token)) {
                    Node node = cut.flow().graph().producer(state.get(i));
                    String line = node == null ? state.get(i) : node.op() + " (" + node.line() + ")";
                    throw new NotUnderstood(
                            "the same tokens are read at two stages of their way: a later residual reads " + line);
                }
                seen.set(token);
            }
        }
    }

    /** The order of dimensions that a permute or transpose asks for. */
    static int[] permutation(Node node, int rank) {
        int[] order = new int[rank];
        if (node.argument(1) instanceof Expr.ListOf list) {
            for (int i = 0; i < rank; i++) {
                order[i] = Math.floorMod(number(node, list.items().get(i).toString()), rank);
            }
            return order;
        }
        Arrays.setAll(order, i -> i);
        int a = Math.floorMod(number(node, 1), rank);
        int b = Math.floorMod(number(node, 2), rank);
        order[a] = b;
        order[b] = a;
        return order;
    }

    /** The permutation that undoes another one. */
    static List<Integer> inverse(int[] order) {
        List<Integer> inverse = new ArrayList<>(Collections.nCopies(order.length, 0));
        for (int i = 0; i < order.length; i++) {
            inverse.set(order[i], i);
        }
        return inverse;
    }

    static int number(Node node, int position) {
        return number(node, String.valueOf(node.argument(position)));
    }

    private static int number(Node node, String text) {
        if (!text.matches("-?[0-9]{1,9}")) {
            throw new NotUnderstood(node.op() + " (" + node.line() + "): its dimensions are not written out");
        }
        return Integer.parseInt(text);
    }

    static boolean permutes(Node node) {
        String op = node.shortOp();
        return op.equals("permute") || op.startsWith("transpose") || op.startsWith("swap");
    }
}
