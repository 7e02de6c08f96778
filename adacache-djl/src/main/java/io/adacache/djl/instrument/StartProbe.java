package io.adacache.djl.instrument;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.adacache.djl.instrument.graph.Spine;
import io.adacache.djl.instrument.graph.StartForm;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Learns {@link StartFacts} from calls of {@code adacache_start}. */
final class StartProbe {
    private static final int MOST_SLICES = 64;

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
        if (name != null) {
            int index = spine.inputs().indexOf(name);
            if (index < 0) {
                throw new InstrumentException("forward has no input " + name + "; it takes " + spine.inputs());
            }
            return index;
        }
        Set<Integer> candidates = spine.inputsOfStart();
        int best = -1;
        for (int i : candidates) {
            NDArray input = inputs.get(i);
            boolean floating = input.getDataType().isFloating();
            int rank = input.getShape().dimension();
            if (floating
                    && rank >= 4
                    && (best < 0 || rank > inputs.get(best).getShape().dimension())) {
                best = i;
            }
        }
        if (best < 0) {
            throw new InstrumentException("no input of four or five dimensions feeds the hidden state; of "
                    + spine.inputs() + " the inputs number " + candidates + " do (tell which is the latent)");
        }
        return best;
    }

    /** Runs the slices and puts the answers together. */
    StartFacts facts(@Nullable Integer framesAxis) {
        int rank = shape.length;
        List<List<BitSet>> changes = new ArrayList<>();
        for (int axis = 0; axis < rank; axis++) {
            changes.add(slices(axis));
        }
        int video = -1;
        BitSet all = new BitSet();
        for (BitSet change : changes.get(0)) {
            all.or(change);
        }
        int[] offsets = offsets();
        for (int s = 0; s < base.size(); s++) {
            boolean touched = !all.get(offsets[s], offsets[s + 1]).isEmpty();
            if (touched && video >= 0) {
                throw new InstrumentException("both streams depend on the latent; neither is a prefix of text");
            }
            video = touched ? s : video;
        }
        if (video < 0) {
            throw new InstrumentException("the hidden state does not depend on the latent");
        }
        List<String> axes = axes(changes, all, framesAxis);
        int text = base.size() == 2 ? 1 - video : 0;
        return layout(axes, changes, all.get(offsets[video], offsets[video + 1]), offsets[video], video, text);
    }

    private StartFacts layout(
            List<String> axes, List<List<BitSet>> changes, BitSet all, int offset, int video, int text) {
        long[] state = stateShapes.get(video);
        int rows = rows(state);
        int batch = (int) shape[0];
        int[] patch = {1, 1, 1};
        int frames = 1;
        int[] frameOf = new int[rows];
        if (axes.contains("frames")) {
            List<BitSet> groups = groups(changes.get(axes.indexOf("frames")), offset, rows, "frames", patch, 0);
            frames = groups.size();
            for (int f = 0; f < frames; f++) {
                int frame = f;
                groups.get(f).stream().forEach(r -> frameOf[r] = frame);
            }
        }
        groups(changes.get(axes.indexOf("height")), offset, rows, "height", patch, 1);
        groups(changes.get(axes.indexOf("width")), offset, rows, "width", patch, 2);
        int used = all.cardinality();
        int prefix = (rows - used) / batch;
        int tokens = used / batch / frames;
        if (prefix * batch != rows - used || tokens * batch * frames != used) {
            throw new InstrumentException(
                    "the tokens of the hidden state do not divide into " + batch + " rows of " + frames + " frames");
        }
        int[] batchOf = new int[rows];
        List<BitSet> perRow = changes.get(0);
        for (int b = 0; b < batch; b++) {
            int row = b;
            shifted(perRow.get(b), offset, rows).stream().forEach(r -> batchOf[r] = row);
        }
        StartForm form = form(state, all, batchOf, frameOf, batch, frames, tokens, prefix);
        if (base.size() == 2) {
            if (prefix != 0
                    || form != StartForm.CANONICAL
                    || stateShapes.get(text).length != 3
                    || stateShapes.get(text)[0] != batch) {
                throw new InstrumentException("two streams of shapes " + new Shape(stateShapes.get(0)) + " and "
                        + new Shape(stateShapes.get(1)) + "; both must be [batch, tokens, channels]");
            }
            prefix = (int) stateShapes.get(text)[1];
        }
        return new StartFacts(latent, axes, patch, frames, tokens, prefix, form, text);
    }

    private static StartForm form(
            long[] state, BitSet all, int[] batchOf, int[] frameOf, int batch, int frames, int tokens, int prefix) {
        int perRow = prefix + frames * tokens;
        boolean framesMajor = true;
        boolean framesInside = prefix == 0;
        for (int r = 0; r < batchOf.length; r++) {
            int at = r % perRow - prefix;
            framesMajor &= at < 0 ? !all.get(r) : all.get(r) && batchOf[r] == r / perRow && frameOf[r] == at / tokens;
            framesInside &= all.get(r) && batchOf[r] == r / perRow && frameOf[r] == r % frames;
        }
        if (framesMajor) {
            boolean canonical = state.length == 3 && state[0] == batch;
            if (!canonical && prefix > 0) {
                throw new InstrumentException("the hidden state " + new Shape(state)
                        + " begins with text but is no [batch, tokens, channels]");
            }
            return canonical ? StartForm.CANONICAL : StartForm.FLATTEN;
        }
        if (framesInside && state.length == 3 && state[1] == frames) {
            return StartForm.FRAMES_INSIDE;
        }
        throw new InstrumentException("the tokens of the hidden state " + new Shape(state)
                + " lie in an order that is neither frames first nor frames last");
    }

    private List<String> axes(List<List<BitSet>> changes, BitSet all, @Nullable Integer framesAxis) {
        int rank = shape.length;
        int channels = -1;
        for (int axis = 1; axis < rank; axis++) {
            boolean mixes = changes.get(axis).stream().allMatch(all::equals);
            boolean better = channels < 0 || (shape[channels] == 1 && shape[axis] > 1);
            if (mixes && better && (framesAxis == null || framesAxis != axis)) {
                channels = axis;
            }
        }
        if (channels < 0) {
            throw new InstrumentException(
                    "no dimension of the latent " + new Shape(shape) + " reaches every token, so none is its channels");
        }
        List<Integer> rest = new ArrayList<>();
        for (int axis = 1; axis < rank; axis++) {
            if (axis != channels) {
                rest.add(axis);
            }
        }
        if (rest.size() < 2 || rest.size() > 3) {
            throw new InstrumentException("the latent has " + rank + " dimensions; four or five are expected");
        }
        String[] names = new String[rank];
        names[0] = "batch";
        names[channels] = "channels";
        if (framesAxis != null && rest.remove(framesAxis)) {
            names[framesAxis] = "frames";
        } else if (rest.size() == 3) {
            names[rest.remove(0)] = "frames";
        }
        names[rest.get(0)] = "height";
        names[rest.get(1)] = "width";
        return List.of(names);
    }

    /** Neighbouring slices that change the same tokens make a patch; patches must not share tokens. */
    private List<BitSet> groups(List<BitSet> slices, int offset, int rows, String name, int[] patch, int slot) {
        List<BitSet> groups = new ArrayList<>();
        int first = 0;
        for (int i = 0; i < slices.size(); i++) {
            BitSet rowsOf = shifted(slices.get(i), offset, rows);
            if (groups.isEmpty() || !groups.get(groups.size() - 1).equals(rowsOf)) {
                for (BitSet group : groups) {
                    if (group.intersects(rowsOf)) {
                        throw new InstrumentException("neighbouring patches along " + name
                                + " share tokens, so tokens cannot be given to frames, rows and columns");
                    }
                }
                groups.add(rowsOf);
            }
            first += groups.size() == 1 ? 1 : 0;
        }
        patch[slot] = Math.max(1, first);
        return groups;
    }

    private static BitSet shifted(BitSet bits, int offset, int rows) {
        return bits.get(offset, offset + rows);
    }

    private List<BitSet> slices(int axis) {
        int count = (int) Math.min(shape[axis], MOST_SLICES);
        if (shape[axis] > MOST_SLICES && axis == 0) {
            throw new InstrumentException("use inputs of at most " + MOST_SLICES + " rows for verification");
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
                changed[e] += e / inner % size == i ? 1f : 0f;
            }
            result.add(difference(start(changed, false)));
        }
        return result;
    }

    private BitSet difference(List<float[]> now) {
        BitSet rows = new BitSet();
        int offset = 0;
        for (int s = 0; s < base.size(); s++) {
            int channels = (int) stateShapes.get(s)[stateShapes.get(s).length - 1];
            float[] before = base.get(s);
            for (int e = 0; e < before.length; e++) {
                if (Float.floatToRawIntBits(before[e]) != Float.floatToRawIntBits(now.get(s)[e])) {
                    rows.set(offset + e / channels);
                }
            }
            offset += before.length / channels;
        }
        return rows;
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
