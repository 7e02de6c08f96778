package io.adacache.djl.instrument;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.adacache.djl.instrument.graph.Remedy;
import io.adacache.layout.ResidualKind;
import io.adacache.layout.Site;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/** Compares the written methods with forward, bit for bit, and looks at what each site mixes. */
final class Verifier {
    private final NativeModel model;
    private final List<Site> sites;
    private int comparisons;

    Verifier(NativeModel model, List<Site> sites) {
        this.model = model;
        this.sites = sites;
    }

    int comparisons() {
        return comparisons;
    }

    /** The number of the first site behind which values part, or the number of sites for the head, or -1 if all is equal. */
    int compare(NDList inputs) {
        try (NDManager scope = scoped(inputs)) {
            NDArray expected = plain(inputs);
            finite(expected);
            try (NativeModel.Embedded embedded = model.embed(inputs)) {
                NDArray before = embedded.hidden().duplicate();
                NDArray whole = model.run(0, sites.size(), new long[0], embedded.hidden(), embedded.context())
                        .get(0);
                NDArray result = model.head(whole, embedded.context());
                comparisons++;
                if (!same(expected, result)) {
                    return sites.size();
                }
                int parted = bySite(embedded, whole);
                if (parted >= 0) {
                    return parted;
                }
                comparisons++;
                return same(before, embedded.hidden()) ? -1 : 0;
            }
        }
    }

    /** Not-a-number equals itself whatever a method computes, so it proves nothing. */
    private static void finite(NDArray prediction) {
        for (float value : floats(prediction)) {
            if (!Float.isFinite(value)) {
                throw new InstrumentException(
                        "forward's prediction for these inputs is not finite, so nothing can be verified",
                        Remedy.INPUTS);
            }
        }
    }

    /** Tokens of the hidden state, a prefix included. */
    long tokens(NDList inputs) {
        try (NativeModel.Embedded embedded = model.embed(inputs)) {
            return embedded.hidden().getShape().get(1);
        }
    }

    /** Channels of the hidden state. */
    int channels(NDList inputs) {
        try (NativeModel.Embedded embedded = model.embed(inputs)) {
            return Math.toIntExact(embedded.hidden().getShape().get(2));
        }
    }

    NDArray plain(NDList inputs) {
        return model.call("forward", inputs).get(0);
    }

    /** Site by site instead of all at once: the cuts must not change anything. */
    private int bySite(NativeModel.Embedded embedded, NDArray whole) {
        NDArray hidden = embedded.hidden();
        for (int k = 0; k < sites.size(); k++) {
            NDList step = model.run(k, k + 1, new long[] {k}, hidden, embedded.context());
            if (!step.get(1).getShape().equals(hidden.getShape())) {
                return k;
            }
            added(k, hidden, step.get(1), step.get(0));
            close(hidden, embedded);
            hidden = step.get(0);
            step.get(1).close();
        }
        comparisons++;
        boolean equal = same(hidden, whole);
        close(hidden, embedded);
        return equal ? -1 : firstParting(embedded);
    }

    /** What a policy keeps of a site must be what it has added: reusing it adds it again. */
    private void added(int site, NDArray before, NDArray residual, NDArray after) {
        if (before.getDataType() == DataType.UNKNOWN) {
            return;
        }
        NDArray sum = before.add(residual);
        float apart = largest(sum.sub(after));
        float largest = Math.max(largest(sum), largest(after.duplicate()));
        float tolerance = before.getDataType() == DataType.FLOAT32 ? 1e-4f : 2e-2f;
        if (apart > tolerance * largest) {
            throw new InstrumentException(
                    "not written: what site " + site + " hands back is not what it adds; they differ by " + apart
                            + " where numbers go up to " + largest,
                    Remedy.WHOLE_CALL);
        }
    }

    private static float largest(NDArray owned) {
        try (NDArray numbers = owned.toType(DataType.FLOAT32, true);
                NDArray sizes = numbers.abs();
                NDArray largest = sizes.max()) {
            owned.close();
            return largest.getFloat();
        }
    }

    private static float[] floats(NDArray array) {
        return array.toType(DataType.FLOAT32, true).toFloatArray();
    }

    private int firstParting(NativeModel.Embedded embedded) {
        NDArray hidden = embedded.hidden();
        for (int k = 0; k < sites.size(); k++) {
            NDArray upTo = model.run(0, k + 1, new long[0], embedded.hidden(), embedded.context())
                    .get(0);
            NDArray next =
                    model.run(k, k + 1, new long[0], hidden, embedded.context()).get(0);
            if (!same(upTo, next)) {
                return k;
            }
            upTo.close();
            close(hidden, embedded);
            hidden = next;
        }
        return sites.size() - 1;
    }

    private static void close(NDArray hidden, NativeModel.Embedded embedded) {
        if (hidden != embedded.hidden()) {
            hidden.close();
        }
    }

    /** Which tokens a site's residual mixes, seen by changing one token: the kind of every self-attention. */
    Map<Integer, ResidualKind> kinds(NDList inputs, StartFacts facts, List<String> notes) {
        Map<Integer, ResidualKind> kinds = new TreeMap<>();
        try (NativeModel.Embedded embedded = model.embed(inputs)) {
            NDArray hidden = embedded.hidden();
            if (hidden.getDataType() == DataType.UNKNOWN) {
                // DJL cannot make a bfloat16 tensor: asking it to would end the process.
                notes.add("the hidden state is bfloat16; kinds of attention are guessed from the text");
                return kinds;
            }
            for (Site site : sites) {
                NDList step = model.run(
                        site.index(), site.index() + 1, new long[] {site.index()}, hidden, embedded.context());
                // In half precision a product may round differently for neighbours that nothing mixes.
                boolean looked =
                        hidden.getDataType() == DataType.FLOAT32 || site.kind() != ResidualKind.CROSS_ATTENTION;
                if (looked && site.kind() != ResidualKind.POSITION) {
                    boolean[] mixed = mixed(site.index(), hidden, step.get(1), embedded, facts);
                    kinds.put(site.index(), kind(site, mixed, facts, notes));
                }
                hidden = step.get(0);
            }
        }
        return kinds;
    }

    /** Rows of the residual that change when the first token of the first frame does: in its frame, elsewhere at its place, anywhere else. */
    private boolean[] mixed(int k, NDArray hidden, NDArray residual, NativeModel.Embedded embedded, StartFacts facts) {
        long[] shape = hidden.getShape().getShape();
        int channels = (int) shape[2];
        float[] values = floats(hidden);
        Random random = new Random(7);
        for (int c = 0; c < channels; c++) {
            values[facts.prefix() * channels + c] += (float) random.nextGaussian();
        }
        NDArray changed = model.manager().create(values, new Shape(shape)).toType(hidden.getDataType(), false);
        NDArray now =
                model.run(k, k + 1, new long[] {k}, changed, embedded.context()).get(1);
        float[] a = floats(residual);
        float[] b = floats(now);
        boolean[] mixed = new boolean[3];
        for (int row = 0; row < shape[1]; row++) {
            if (row != facts.prefix()
                    && !Arrays.equals(
                            a, row * channels, (row + 1) * channels, b, row * channels, (row + 1) * channels)) {
                int token = row - facts.prefix();
                mixed[token < 0 ? 2 : token < facts.tokens() ? 0 : token % facts.tokens() == 0 ? 1 : 2] = true;
            }
        }
        changed.close();
        now.close();
        return mixed;
    }

    private static ResidualKind kind(Site site, boolean[] mixed, StartFacts facts, List<String> notes) {
        boolean any = mixed[0] || mixed[1] || mixed[2];
        // A residual whose text does not show its attention (a call with control flow) gives itself away by mixing
        // tokens.
        boolean self = site.kind() != ResidualKind.CROSS_ATTENTION;
        if (!self || !any) {
            boolean expected = self == any || site.kind() == ResidualKind.MLP;
            if (!expected) {
                String mixes = any ? "tokens" : "none";
                notes.add("site " + site.index() + " is taken for "
                        + site.kind().id() + ", yet with these inputs it mixes " + mixes);
            }
            return site.kind();
        }
        boolean joint = facts.prefix() > 0 || mixed[2] || (mixed[0] && mixed[1]);
        ResidualKind kind = joint
                ? ResidualKind.JOINT_ATTENTION
                : mixed[1] ? ResidualKind.TEMPORAL_ATTENTION : ResidualKind.SPATIAL_ATTENTION;
        boolean told = facts.frames() > 1 && facts.tokens() > 1;
        if (told && kind != site.kind()) {
            notes.add("site " + site.index() + " looks like " + site.kind().id() + ", but what it mixes makes it "
                    + kind.id());
        }
        return told ? kind : site.kind();
    }

    private static boolean same(NDArray a, NDArray b) {
        return a.getShape().equals(b.getShape())
                && a.getDataType() == b.getDataType()
                && a.toByteBuffer().equals(b.toByteBuffer());
    }

    private NDManager scoped(NDList inputs) {
        return inputs.head().getManager().newSubManager();
    }
}
