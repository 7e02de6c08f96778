package io.adacache.djl.instrument.graph;

import io.adacache.djl.instrument.syntax.Expr;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Writes the methods that turn the hidden state from its layout at a cut into the contract's layout, and back. */
final class LayoutWriter {
    private static final String ALL = "9223372036854775807";

    private final Cut cut;
    private final StartForm form;
    private final int text;
    private final boolean joinedTextFirst;

    /**
     * @param text which of two streams holds the text
     * @param joinedTextFirst whether the text comes first where two streams are joined
     */
    LayoutWriter(Cut cut, StartForm form, int text, boolean joinedTextFirst) {
        this.cut = cut;
        this.form = form;
        this.text = text;
        this.joinedTextFirst = joinedTextFirst;
    }

    /** Body of a method with {@code state} and {@code context} that returns the contract's hidden state. */
    List<String> close(Layout layout, Slots slots) {
        SliceWriter w = new SliceWriter(cut, slots);
        if (layout.streams() == 2) {
            w.line("return torch.cat([state[" + text + "], state[" + (1 - text) + "]], 1)");
            return w.lines();
        }
        if (layout.joined()) {
            w.line("h = state[0]");
            if (!joinedTextFirst) {
                String n = w.size(cut.states().get(0).get(1 - text), 1);
                w.line("a = torch.slice(h, 1, " + n + ", " + ALL + ")");
                w.line("h = torch.cat([a, torch.slice(h, 1, 0, " + n + ")], 1)");
            }
            w.line("return h");
            return w.lines();
        }
        w.line("h = state[0]");
        List<List<String>> shapes = shapes(layout, w);
        List<Node> steps = new ArrayList<>(layout.glue());
        for (int i = steps.size() - 1; i >= 0; i--) {
            undo(steps.get(i), shapes.get(i), w);
        }
        canonical(w);
        w.line("return h");
        return w.lines();
    }

    /** Body of a method with {@code hidden} and {@code context} that returns the state in its layout. */
    List<String> open(Layout layout, Slots slots) {
        SliceWriter w = new SliceWriter(cut, slots);
        List<String> start = cut.states().get(0);
        if (layout.streams() == 2) {
            String n = w.size(start.get(text), 1);
            w.line("a = torch.contiguous(torch.slice(hidden, 1, 0, " + n + "))");
            w.line("b = torch.contiguous(torch.slice(hidden, 1, " + n + ", " + ALL + "))");
            w.line(text == 0 ? "return [a, b]" : "return [b, a]");
            return w.lines();
        }
        w.line("h = hidden");
        if (layout.joined()) {
            if (!joinedTextFirst) {
                String n = w.size(start.get(text), 1);
                w.line("a = torch.slice(h, 1, " + n + ", " + ALL + ")");
                w.line("h = torch.cat([a, torch.slice(h, 1, 0, " + n + ")], 1)");
            }
            w.line("return [h]");
            return w.lines();
        }
        raw(w);
        for (Node node : layout.glue()) {
            if (!Operators.IDENTITY.contains(node.shortOp())) {
                String input = Objects.requireNonNull(node.value(0));
                node.uses().stream().filter(u -> !u.equals(input)).forEach(w::need);
                w.line("h = " + Names.replace(node.expr(), Map.of(input, new Expr.Name("h"))));
            }
        }
        w.line("return [h]");
        return w.lines();
    }

    private void canonical(SliceWriter w) {
        String batch = batch(w);
        if (form == StartForm.FLATTEN) {
            w.line("h = torch.reshape(h, [" + batch + ", -1, " + lastSize(w) + "])");
        } else if (form == StartForm.FRAMES_INSIDE) {
            String frames = w.size(start(), 1);
            w.line("h = torch.reshape(h, [" + batch + ", -1, " + frames + ", " + lastSize(w) + "])");
            w.line("h = torch.permute(h, [0, 2, 1, 3])");
            w.line("h = torch.reshape(h, [" + batch + ", -1, " + lastSize(w) + "])");
        }
    }

    private void raw(SliceWriter w) {
        if (form == StartForm.FLATTEN) {
            w.line("h = torch.reshape(h, [" + String.join(", ", sizes(w)) + "])");
        } else if (form == StartForm.FRAMES_INSIDE) {
            w.line("h = torch.reshape(h, [" + batch(w) + ", " + w.size(start(), 1) + ", -1, " + lastSize(w) + "])");
            w.line("h = torch.permute(h, [0, 2, 1, 3])");
            w.line("h = torch.reshape(h, [" + String.join(", ", sizes(w)) + "])");
        }
    }

    private String start() {
        return cut.states().get(0).get(0);
    }

    private String batch(SliceWriter w) {
        return form == StartForm.CANONICAL
                ? ""
                : w.size(cut.flow().graph().inputs().get(latent).value(), 0);
    }

    private int latent;
    private int rank = 3;

    /** Tells which input is the latent, and how many dimensions the state has at the start. */
    LayoutWriter about(int latentInput, int startRank) {
        this.latent = latentInput;
        this.rank = startRank;
        return this;
    }

    private List<String> sizes(SliceWriter w) {
        List<String> sizes = new ArrayList<>();
        for (int i = 0; i < rank; i++) {
            sizes.add(w.size(start(), i));
        }
        return sizes;
    }

    private String lastSize(SliceWriter w) {
        return w.size(start(), rank - 1);
    }

    /** The shape before each step, as text. */
    private List<List<String>> shapes(Layout layout, SliceWriter w) {
        if (layout.glue().isEmpty()) {
            return List.of();
        }
        List<List<String>> before = new ArrayList<>();
        List<String> shape = sizes(w);
        for (Node node : layout.glue()) {
            before.add(shape);
            shape = after(node, shape, w);
        }
        return before;
    }

    private static List<String> after(Node node, List<String> shape, SliceWriter w) {
        String op = node.shortOp();
        if (Operators.IDENTITY.contains(op)) {
            return shape;
        }
        if (op.equals("permute") || op.startsWith("transpose") || op.startsWith("swap")) {
            List<String> moved = new ArrayList<>();
            for (int i : Layouts.permutation(node, shape.size())) {
                moved.add(shape.get(i));
            }
            return moved;
        }
        if (op.equals("unsqueeze")) {
            List<String> longer = new ArrayList<>(shape);
            longer.add(Math.floorMod(number(node, 1), shape.size() + 1), "1");
            return longer;
        }
        if (op.equals("squeeze")) {
            List<String> shorter = new ArrayList<>(shape);
            shorter.remove(Math.floorMod(number(node, 1), shape.size()));
            return shorter;
        }
        if (op.equals("flatten")) {
            int from = Math.floorMod(node.argument(1) == null ? 0 : number(node, 1), shape.size());
            int to = Math.floorMod(node.argument(2) == null ? -1 : number(node, 2), shape.size());
            List<String> flat = new ArrayList<>(shape.subList(0, from));
            flat.add(product(shape.subList(from, to + 1)));
            flat.addAll(shape.subList(to + 1, shape.size()));
            return flat;
        }
        boolean unflatten = op.equals("unflatten");
        Expr sizes = node.argument(unflatten ? 2 : 1);
        if (!(sizes instanceof Expr.ListOf list)) {
            throw new NotUnderstood(node.op() + " (" + node.line() + "): its shape is not written out");
        }
        int dimension = unflatten ? Math.floorMod(number(node, 1), shape.size()) : 0;
        List<String> whole = unflatten ? List.of(shape.get(dimension)) : shape;
        List<String> result = new ArrayList<>(unflatten ? shape.subList(0, dimension) : List.of());
        result.addAll(written(list, whole, node, w));
        if (unflatten) {
            result.addAll(shape.subList(dimension + 1, shape.size()));
        }
        return result;
    }

    private static List<String> written(Expr.ListOf list, List<String> whole, Node node, SliceWriter w) {
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
            result.set(open, "torch.floordiv(" + product(whole) + ", " + product(known) + ")");
        }
        return result;
    }

    static String product(List<String> factors) {
        return factors.stream()
                .reduce((a, b) -> "torch.mul(" + a + ", " + b + ")")
                .orElse("1");
    }

    private static int number(Node node, int position) {
        return Integer.parseInt(String.valueOf(node.argument(position)));
    }

    private static void undo(Node node, List<String> shapeBefore, SliceWriter w) {
        String op = node.shortOp();
        if (Operators.IDENTITY.contains(op)) {
            return;
        }
        if (op.equals("permute") || op.startsWith("transpose") || op.startsWith("swap")) {
            int[] order = Layouts.permutation(node, shapeBefore.size());
            List<Integer> inverse = new ArrayList<>(Collections.nCopies(order.length, 0));
            for (int i = 0; i < order.length; i++) {
                inverse.set(order[i], i);
            }
            w.line("h = torch.permute(h, " + inverse + ")");
        } else {
            w.line("h = torch.reshape(h, [" + String.join(", ", shapeBefore) + "])");
        }
    }
}
