package io.adacache.djl.instrument.graph;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * Writes the methods that turn the hidden state from its layout at a cut into the contract's layout, and back. Narrow streams
 * are widened with zeros; where dtypes change along the way, the hidden state travels in the widest.
 */
final class LayoutWriter {
    static final String ALL = "9223372036854775807";

    private final Cut cut;
    private final Probed probed;
    private final Start start;
    private final Slots slots;
    private final int channels;
    private final int dtype;
    private final boolean mixed;

    LayoutWriter(Cut cut, Probed probed, Start start, Slots slots) {
        this.cut = cut;
        this.probed = probed;
        this.start = start;
        this.slots = slots;
        this.channels = starts().stream().mapToInt(this::channelsOf).max().orElse(0);
        List<Integer> states = cut.states().stream()
                .flatMap(List::stream)
                .map(v -> Objects.requireNonNull(probed.dtype(v)))
                .toList();
        // What is added travels in the same dtype as what it is added to.
        List<Integer> dtypes = new ArrayList<>(states);
        cut.trunk().adds().values().stream()
                .map(a -> probed.dtype(a.residual().toString()))
                .filter(Objects::nonNull)
                .forEach(dtypes::add);
        this.dtype = Dtypes.widest(states);
        this.mixed = dtypes.stream().distinct().count() > 1;
    }

    private List<String> starts() {
        return cut.states().get(0);
    }

    private int channelsOf(String value) {
        long[] shape = Objects.requireNonNull(probed.shape(value));
        return (int) shape[shape.length - 1];
    }

    private SliceWriter writer() {
        return new SliceWriter(cut, slots, probed);
    }

    /** Body of a method with {@code state} and {@code context} that returns the contract's hidden state. */
    List<String> close(Placement layout) {
        SliceWriter w = writer();
        Map<Integer, String> atoms = new HashMap<>();
        for (int i = 0; i < layout.values().size(); i++) {
            w.line("h" + i + " = state[" + i + "]");
            undo(layout.values().get(i), "h" + i, w, atoms);
        }
        List<String> parts = new ArrayList<>();
        for (int atom : start.order()) {
            String name = Objects.requireNonNull(atoms.get(atom), "a stream that is in no state");
            parts.add(wide(atom, canonical(atom, name, w), w));
        }
        w.line("return " + (parts.size() == 1 ? parts.get(0) : "torch.cat([" + String.join(", ", parts) + "], 1)"));
        return w.lines();
    }

    /** Takes streams out of the values of a state, under the names that they are carried on by. */
    void carry(Set<Integer> streams, Placement layout, List<String> state, SliceWriter w) {
        Map<Integer, String> atoms = new HashMap<>();
        for (int i = 0; i < state.size(); i++) {
            Piece piece = layout.values().get(i);
            if (piece.streams().stream().anyMatch(streams::contains)) {
                undo(piece, state.get(i), w, atoms);
            }
        }
        streams.forEach(stream -> {
            w.line(Layouts.name(stream) + " = " + atoms.get(stream));
            w.given(Layouts.name(stream));
        });
    }

    private String wide(int atom, String name, SliceWriter w) {
        int own = channelsOf(starts().get(atom));
        if (own < channels) {
            w.line(name + " = torch.constant_pad_nd(" + name + ", [0, " + (channels - own) + "], 0)");
        }
        if (mixed) {
            w.line(name + " = torch.to(" + name + ", " + dtype + ")");
        }
        return name;
    }

    /** Body of a method with {@code hidden} and {@code context} that returns the state in its layout. */
    List<String> open(Placement layout) {
        SliceWriter w = writer();
        boolean several = starts().size() > 1;
        String from = "0";
        for (int atom : start.order()) {
            String name = "a" + atom;
            String until = atom == start.video() ? ALL : plus(from, tokens(atom, w));
            w.line(name + " = " + (several ? "torch.slice(hidden, 1, " + from + ", " + until + ")" : "hidden"));
            int own = channelsOf(starts().get(atom));
            if (own < channels) {
                w.line(name + " = torch.slice(" + name + ", 2, 0, " + own + ")");
            }
            from = until;
        }
        List<String> values = new ArrayList<>();
        for (int i = 0; i < layout.values().size(); i++) {
            String name = build(layout.values().get(i), several, w);
            boolean cast = mixed && layout.dtypes().get(i) != dtype;
            String typed = cast ? "torch.to(" + name + ", " + layout.dtypes().get(i) + ")" : name;
            values.add(inMemory(typed, layout.strided().get(i)));
        }
        w.line("return [" + String.join(", ", values) + "]");
        return w.lines();
    }

    /** The order in memory decides which product is taken, and so the last bits. */
    private static String inMemory(String value, List<Integer> order) {
        return order.isEmpty()
                ? value
                : "torch.permute(torch.contiguous(torch.permute(" + value + ", " + order + ")), "
                        + Layouts.inverse(order.stream().mapToInt(i -> i).toArray()) + ")";
    }

    private static String plus(String a, String b) {
        return a.equals("0") ? b : "torch.add(" + a + ", " + b + ")";
    }

    private int names;

    private String build(Piece piece, boolean several, SliceWriter w) {
        if (piece instanceof Piece.Atom atom) {
            String name = "a" + atom.start();
            raw(atom.start(), name, w);
            if (several) {
                w.line(name + " = torch.contiguous(" + name + ")");
            }
            return name;
        }
        String result = "g" + names++;
        if (piece instanceof Piece.Joined joined) {
            List<String> parts =
                    joined.parts().stream().map(p -> build(p, several, w)).toList();
            w.line(result + " = torch.cat([" + String.join(", ", parts) + "], " + joined.dimension() + ")");
            return result;
        }
        Piece.Step step = (Piece.Step) piece;
        String input = build(step.input(), several, w);
        w.line(result + " = " + PieceShapes.replay(step.node(), input, w));
        return result;
    }

    /** Takes a value apart into the streams that it is made of. */
    private void undo(Piece piece, String name, SliceWriter w, Map<Integer, String> atoms) {
        if (piece instanceof Piece.Atom atom) {
            atoms.put(atom.start(), name);
        } else if (piece instanceof Piece.Joined joined) {
            String from = "0";
            for (int i = 0; i < joined.parts().size(); i++) {
                Piece part = joined.parts().get(i);
                boolean last = i + 1 == joined.parts().size();
                String until = last ? ALL : plus(from, shape(part, w).get(joined.dimension()));
                String result = "g" + names++;
                w.line(result + " = torch.slice(" + name + ", " + joined.dimension() + ", " + from + ", " + until
                        + ")");
                undo(part, result, w, atoms);
                from = until;
            }
        } else {
            Piece.Step step = (Piece.Step) piece;
            String result = "g" + names++;
            w.line(result + " = " + undone(step.node(), name, shape(step.input(), w)));
            undo(step.input(), result, w, atoms);
        }
    }

    private static String undone(Node node, String name, List<String> before) {
        if (!Layouts.permutes(node)) {
            return "torch.reshape(" + name + ", [" + String.join(", ", before) + "])";
        }
        return "torch.permute(" + name + ", " + Layouts.inverse(Layouts.permutation(node, before.size())) + ")";
    }

    private List<String> shape(Piece piece, SliceWriter w) {
        return PieceShapes.of(piece, atom -> sizes(atom, w), w);
    }

    private String canonical(int atom, String name, SliceWriter w) {
        String shape = "[" + batch(w) + ", -1, " + channelsOf(starts().get(atom)) + "]";
        switch (start.forms().get(atom)) {
            case CANONICAL -> {}
            case FLATTEN -> w.line(name + " = torch.reshape(" + name + ", " + shape + ")");
            case TOKENS_FIRST -> w.line(name + " = torch.transpose(" + name + ", 0, 1)");
            case TOKENS_BEHIND -> w.line(turned(name, "-" + start.behind()));
            case FRAMES_INSIDE -> {
                String frames = w.size(starts().get(atom), 1);
                w.line(name + " = torch.reshape(" + name + ", [" + batch(w) + ", -1, " + frames + ", "
                        + channelsOf(starts().get(atom)) + "])");
                w.line(name + " = torch.permute(" + name + ", [0, 2, 1, 3])");
                w.line(name + " = torch.reshape(" + name + ", " + shape + ")");
            }
        }
        return name;
    }

    private void raw(int atom, String name, SliceWriter w) {
        String shape = "[" + String.join(", ", sizes(atom, w)) + "]";
        switch (start.forms().get(atom)) {
            case CANONICAL -> {}
            case FLATTEN -> w.line(name + " = torch.reshape(" + name + ", " + shape + ")");
            case TOKENS_FIRST -> w.line(name + " = torch.contiguous(torch.transpose(" + name + ", 0, 1))");
            case TOKENS_BEHIND -> w.line(turned(name, Integer.toString(start.behind())));
            case FRAMES_INSIDE -> {
                w.line(name + " = torch.reshape(" + name + ", [" + batch(w) + ", " + w.size(starts().get(atom), 1)
                        + ", -1, " + channelsOf(starts().get(atom)) + "])");
                w.line(name + " = torch.permute(" + name + ", [0, 2, 1, 3])");
                w.line(name + " = torch.reshape(" + name + ", " + shape + ")");
            }
        }
    }

    /** The tokens from a place on, before those up to it. */
    private static String turned(String name, String place) {
        return name + " = torch.cat([torch.slice(" + name + ", 1, " + place + ", " + ALL + "), torch.slice(" + name
                + ", 1, 0, " + place + ")], 1)";
    }

    private String batch(SliceWriter w) {
        return w.size(cut.flow().graph().inputs().get(start.latent()).value(), 0);
    }

    /** The number of tokens of a stream in one row of the batch. */
    private String tokens(int atom, SliceWriter w) {
        List<String> sizes = sizes(atom, w);
        if (start.forms().get(atom) == StartForm.CANONICAL || start.forms().get(atom) == StartForm.TOKENS_BEHIND) {
            return sizes.get(1);
        }
        if (start.forms().get(atom) == StartForm.TOKENS_FIRST) {
            return sizes.get(0);
        }
        return "torch.floordiv(" + product(sizes.subList(0, sizes.size() - 1)) + ", " + batch(w) + ")";
    }

    private List<String> sizes(int atom, SliceWriter w) {
        List<String> sizes = new ArrayList<>();
        for (int i = 0; i < probed.rank(starts().get(atom)); i++) {
            sizes.add(w.size(starts().get(atom), i));
        }
        return sizes;
    }

    static String product(List<String> factors) {
        return factors.stream()
                .reduce((a, b) -> "torch.mul(" + a + ", " + b + ")")
                .orElse("1");
    }
}
