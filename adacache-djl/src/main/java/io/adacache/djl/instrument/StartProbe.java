package io.adacache.djl.instrument;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.adacache.djl.instrument.graph.Remedy;
import io.adacache.djl.instrument.graph.Spine;
import io.adacache.djl.instrument.graph.Start;
import io.adacache.djl.instrument.graph.StartForm;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Learns {@link StartFacts} from calls of {@code adacache_start}. */
final class StartProbe {
    private static final int MOST_SLICES = 64;

    /** A token is made of a slice if this share of the largest change reaches it. */
    private static final float FULLY = 0.25f;

    private final NativeModel model;
    private final NDList inputs;
    private final int latent;
    private final float[] values;
    private final long[] shape;
    private final List<float[]> base;
    private final List<long[]> stateShapes = new ArrayList<>();

    StartProbe(NativeModel model, Spine spine, NDList inputs, @Nullable String latentName) {
        this.model = model;
        this.inputs = inputs;
        this.latent = latent(spine, inputs, latentName);
        NDArray array = inputs.get(latent);
        this.values = array.toType(DataType.FLOAT32, true).toFloatArray();
        this.shape = array.getShape().getShape();
        this.base = start(values, true);
    }

    private static int latent(Spine spine, NDList inputs, @Nullable String name) {
        int index = name == null ? spine.latent() : spine.inputs().indexOf(name);
        if (index < 0) {
            throw new InstrumentException("forward has no input " + name + "; it takes " + spine.inputs());
        }
        NDArray input = inputs.get(index);
        if (!input.getDataType().isFloating() || input.getShape().dimension() < 3) {
            throw new InstrumentException(
                    "input " + spine.inputs().get(index) + " has shape " + input.getShape()
                            + "; a latent has three to five dimensions, and forward takes " + spine.inputs(),
                    Remedy.LATENT);
        }
        return index;
    }

    /** Runs the slices and puts the answers together. */
    StartFacts facts(@Nullable Integer framesAxis) {
        if (framesAxis != null && framesAxis >= shape.length) {
            throw new InstrumentException("the latent has the dimensions 0 to " + (shape.length - 1) + ", so dimension "
                    + framesAxis + " cannot count its frames");
        }
        try {
            return facts(framesAxis, 0);
        } catch (InstrumentException exact) {
            // Through a normalisation of the whole latent everything reaches every token, but hardly.
            try {
                return facts(framesAxis, FULLY);
            } catch (InstrumentException e) {
                throw exact;
            }
        }
    }

    /** The facts, if what reaches a token is any change (0), or one of some share of the largest. */
    private StartFacts facts(@Nullable Integer framesAxis, float share) {
        List<List<BitSet>> changes = new ArrayList<>();
        for (int axis = 0; axis < shape.length; axis++) {
            changes.add(slices(axis, share));
        }
        BitSet all = new BitSet();
        changes.get(0).forEach(all::or);
        InstrumentException problem =
                new InstrumentException("the hidden state does not depend on the latent", Remedy.LATENT);
        int[] offsets = offsets();
        for (int s = 0; s < base.size(); s++) {
            BitSet own = all.get(offsets[s], offsets[s + 1]);
            if (!own.isEmpty()) {
                List<List<BitSet>> here = shifted(changes, offsets[s], rows(stateShapes.get(s)));
                try {
                    return layout(axes(here, own, framesAxis), here, own, s);
                } catch (InstrumentException e) {
                    problem = e;
                }
            }
        }
        throw problem;
    }

    private StartFacts layout(List<String> axes, List<List<BitSet>> seen, BitSet reached, int video) {
        long[] state = stateShapes.get(video);
        int rows = rows(state);
        if (shape[0] > 1 && seen.get(0).stream().allMatch(reached::equals)) {
            throw noBatch();
        }
        boolean masked = masked(axes, seen, rows);
        List<List<BitSet>> changes = masked ? unmasked(axes, rows) : seen;
        BitSet all = reached;
        if (masked) {
            all = new BitSet();
            all.set(0, rows);
        }
        int batch = (int) shape[0];
        int[] patch = {1, 1, 1};
        int frames = 1;
        int[] frameOf = new int[rows];
        int slot = 0;
        for (String name : List.of("frames", "height", "width")) {
            List<BitSet> groups =
                    axes.contains(name) ? groups(changes.get(axes.indexOf(name)), name, patch, slot) : List.of();
            if (name.equals("frames") && !groups.isEmpty()) {
                frames = groups.size();
                for (int f = 0; f < frames; f++) {
                    int frame = f;
                    groups.get(f).stream().forEach(r -> frameOf[r] = frame);
                }
            }
            slot++;
        }
        int used = all.cardinality();
        int prefix = (rows - used) / batch;
        int tokens = used / batch / frames;
        if (prefix * batch != rows - used || tokens * batch * frames != used) {
            throw new InstrumentException(
                    "the tokens of the hidden state do not divide into " + batch + " rows of " + frames + " frames",
                    Remedy.TOKENS);
        }
        check(axes, patch, tokens, state, unread(axes, changes));
        int[] batchOf = new int[rows];
        for (int b = 0; b < batch; b++) {
            int row = b;
            changes.get(0).get(b).stream().forEach(r -> batchOf[r] = row);
        }
        TokenForms told = new TokenForms(state, all, batchOf, frameOf, batch, frames, tokens, prefix);
        StartForm form = told.form();
        List<StartForm> forms = new ArrayList<>();
        for (int s = 0; s < base.size(); s++) {
            long[] other = stateShapes.get(s);
            forms.add(s == video ? form : TokenForms.beside(other, form, batch));
            prefix += s == video ? 0 : rows(other) / batch;
        }
        return new StartFacts(
                latent, axes, patch, frames, tokens, prefix, new Start(latent, video, forms, told.behind()));
    }

    /** Whether some of the packed tokens are not read, each of which has a token of the hidden state of its own all the same. */
    private boolean masked(List<String> axes, List<List<BitSet>> changes, int rows) {
        int height = axes.indexOf("height");
        boolean packed = height >= 0 && !axes.contains("frames") && !axes.contains("width");
        if (!packed || shape[height] * shape[0] != rows || shape[height] > MOST_SLICES) {
            return false;
        }
        List<BitSet> own = unmasked(axes, rows).get(height);
        boolean fits = true;
        boolean unread = false;
        for (int i = 0; fits && i < own.size(); i++) {
            BitSet slice = changes.get(height).get(i);
            unread |= slice.isEmpty();
            fits = slice.isEmpty() || slice.equals(own.get(i));
        }
        return fits && unread;
    }

    /** What slices of packed tokens change if each has a token of its own. */
    private List<List<BitSet>> unmasked(List<String> axes, int rows) {
        int count = (int) shape[axes.indexOf("height")];
        List<List<BitSet>> changes = new ArrayList<>();
        for (int axis = 0; axis < shape.length; axis++) {
            List<BitSet> slices = new ArrayList<>();
            boolean batch = axis == 0;
            for (int i = 0; i < shape[axis]; i++) {
                BitSet slice = new BitSet();
                for (int row = 0; row < rows; row++) {
                    slice.set(row, axes.get(axis).equals("channels") || (batch ? row / count : row % count) == i);
                }
                slices.add(slice);
            }
            changes.add(slices);
        }
        return changes;
    }

    private InstrumentException noBatch() {
        return new InstrumentException(
                "the first dimension of the latent " + new Shape(shape) + " reaches every token, so it is no batch",
                Remedy.BATCH);
    }

    /** Names slices of the latent that change nothing; a convolution that this engine computes wrongly shows itself so. */
    private static String unread(List<String> axes, List<List<BitSet>> changes) {
        StringBuilder found = new StringBuilder();
        for (int axis = 1; axis < axes.size(); axis++) {
            List<Integer> empty = new ArrayList<>();
            for (int i = 0; i < changes.get(axis).size(); i++) {
                if (changes.get(axis).get(i).isEmpty()) {
                    empty.add(i);
                }
            }
            if (!empty.isEmpty()) {
                found.append(" (slices ")
                        .append(empty)
                        .append(" of its dimension ")
                        .append(axis)
                        .append(
                                " change nothing: forward does not read them, or a convolution of this engine is wrong for these"
                                        + " sizes; try other ones, one sample for example)");
            }
        }
        return found.toString();
    }

    /** Tokens must be as many as the latent's patches, or no manifest can say how many there are. */
    private void check(List<String> axes, int[] patch, int tokens, long[] state, String unread) {
        long patches = 1;
        for (String name : List.of("height", "width")) {
            int axis = axes.indexOf(name);
            int size = name.equals("height") ? patch[1] : patch[2];
            patches *= axis < 0 ? 1 : (shape[axis] + size - 1) / size;
        }
        if (patches != tokens
                && tokens % patches == 0
                && state.length == 3
                && state[0] == shape[0] * (tokens / patches)) {
            throw new InstrumentException(
                    "the hidden state " + new Shape(state) + " has " + tokens / patches
                            + " rows for each of the latent " + new Shape(shape),
                    Remedy.GUIDANCE);
        }
        if (patches != tokens) {
            throw new InstrumentException(
                    "the hidden state " + new Shape(state) + " has " + tokens
                            + " tokens per frame where the latent " + new Shape(shape) + " has " + patches
                            + " patches" + unread
                            + ", so its last dimension is not its channels, or a token is made of other pieces than a patch",
                    Remedy.TOKENS);
        }
    }

    private List<String> axes(List<List<BitSet>> changes, BitSet all, @Nullable Integer framesAxis) {
        int rank = shape.length;
        int channels = -1;
        for (int axis = 1; axis < rank; axis++) {
            boolean mixes = changes.get(axis).stream().allMatch(all::equals);
            boolean better = channels < 0 || (shape[channels] == 1 && shape[axis] > 1) || (rank == 3 && axis == 2);
            if (mixes && better && (framesAxis == null || framesAxis != axis)) {
                channels = axis;
            }
        }
        if (channels < 0 && shape[0] > 1 && changes.get(0).stream().allMatch(all::equals)) {
            throw noBatch();
        }
        if (channels < 0) {
            throw new InstrumentException(
                    "no dimension of the latent " + new Shape(shape) + " reaches every token, so none is its channels",
                    Remedy.LATENT_SHAPE);
        }
        List<Integer> rest = new ArrayList<>();
        for (int axis = 1; axis < rank; axis++) {
            if (axis != channels) {
                rest.add(axis);
            }
        }
        if (rest.isEmpty() || rest.size() > 3) {
            throw new InstrumentException(
                    "the latent has " + rank + " dimensions; three to five are expected", Remedy.LATENT_SHAPE);
        }
        String[] names = new String[rank];
        names[0] = "batch";
        names[channels] = "channels";
        if (framesAxis != null && rest.remove(framesAxis)) {
            names[framesAxis] = "frames";
        } else if (rest.size() == 3) {
            names[rest.remove(0)] = "frames";
        }
        // Tokens that were packed before are one row of places.
        for (int i = 0; i < rest.size(); i++) {
            names[rest.get(i)] = i == 0 ? "height" : "width";
        }
        return List.of(names);
    }

    /** Neighbouring slices that change the same tokens make a patch; patches must not share tokens. */
    private static List<BitSet> groups(List<BitSet> slices, String name, int[] patch, int slot) {
        List<BitSet> groups = new ArrayList<>();
        int first = 0;
        for (BitSet rowsOf : slices) {
            if (groups.isEmpty() || !groups.get(groups.size() - 1).equals(rowsOf)) {
                for (BitSet group : groups) {
                    if (group.intersects(rowsOf)) {
                        throw new InstrumentException(
                                "neighbouring patches along " + name
                                        + " share tokens, so tokens cannot be given to frames, rows and columns",
                                Remedy.WHOLE_CALL);
                    }
                }
                groups.add(rowsOf);
            }
            first += groups.size() == 1 ? 1 : 0;
        }
        patch[slot] = Math.max(1, first);
        return groups;
    }

    private static List<List<BitSet>> shifted(List<List<BitSet>> changes, int offset, int rows) {
        return changes.stream()
                .map(axis ->
                        axis.stream().map(b -> b.get(offset, offset + rows)).toList())
                .toList();
    }

    private List<BitSet> slices(int axis, float share) {
        int count = (int) Math.min(shape[axis], MOST_SLICES);
        if (shape[axis] > MOST_SLICES && axis == 0) {
            throw new InstrumentException(
                    "use inputs of at most " + MOST_SLICES + " rows for verification", Remedy.SMALLER_INPUTS);
        }
        List<BitSet> result = new ArrayList<>();
        int inner = 1;
        for (int a = axis + 1; a < shape.length; a++) {
            inner *= (int) shape[a];
        }
        int size = (int) shape[axis];
        for (int i = 0; i < count; i++) {
            float[] changed = values.clone();
            for (int e = 0; e < changed.length; e++) {
                changed[e] += e / inner % size == i ? change(e, share) : 0f;
            }
            result.add(difference(start(changed, false), share));
        }
        return result;
    }

    /** A normalisation takes off what is the same everywhere; small changes both ways leave its mean and variance alone. */
    private static float change(int element, float share) {
        float change = 1f + element * 7 % 5 / 8f;
        return share == 0 ? change : Integer.bitCount(element * 0x9E3779B9) % 2 == 0 ? change / 16 : -change / 16;
    }

    private BitSet difference(List<float[]> now, float share) {
        BitSet rows = new BitSet();
        int offset = 0;
        for (int s = 0; s < base.size(); s++) {
            int channels = (int) stateShapes.get(s)[stateShapes.get(s).length - 1];
            float[] before = base.get(s);
            float[] after = now.get(s);
            float least = share * largest(before, after);
            for (int e = 0; e < before.length; e++) {
                boolean any = Float.floatToRawIntBits(before[e]) != Float.floatToRawIntBits(after[e]);
                if (any && (share == 0 || Math.abs(after[e] - before[e]) >= least)) {
                    rows.set(offset + e / channels);
                }
            }
            offset += before.length / channels;
        }
        return rows;
    }

    private static float largest(float[] before, float[] after) {
        float largest = 0;
        for (int e = 0; e < before.length; e++) {
            largest = Math.max(largest, Math.abs(after[e] - before[e]));
        }
        return largest;
    }

    private int[] offsets() {
        int[] offsets = new int[base.size() + 1];
        for (int s = 0; s < base.size(); s++) {
            offsets[s + 1] = offsets[s] + rows(stateShapes.get(s));
        }
        return offsets;
    }

    private static int rows(long[] state) {
        return (int) (new Shape(state).size() / state[state.length - 1]);
    }

    private List<float[]> start(float[] latents, boolean first) {
        List<float[]> states = new ArrayList<>();
        try (NDManager scope = model.manager().newSubManager()) {
            NDArray array = scope.create(latents, new Shape(shape))
                    .toType(inputs.get(latent).getDataType(), true);
            NDList call = new NDList(inputs);
            call.set(latent, array);
            NDList result = model.call("adacache_start", call);
            for (NDArray state : result) {
                if (first) {
                    stateShapes.add(state.getShape().getShape());
                }
                states.add(state.toType(DataType.FLOAT32, true).toFloatArray());
            }
            result.close();
        }
        return states;
    }
}
