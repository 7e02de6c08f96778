package io.adacache.djl.instrument;

import ai.djl.Device;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import io.adacache.djl.ModelFileException;
import io.adacache.djl.TorchScriptTransformer;
import io.adacache.djl.TorchScriptTransformer.Checks;
import io.adacache.djl.TorchScriptTransformer.Division;
import io.adacache.djl.engine.Reasons;
import io.adacache.djl.engine.WrongResult;
import io.adacache.djl.instrument.graph.Extent;
import io.adacache.djl.instrument.graph.Spine;
import io.adacache.layout.ResidualKind;
import io.adacache.layout.Site;
import io.adacache.layout.TokenGrid;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Whether one video can be divided among devices (docs/decisions/0031): what {@code embed} hands on is looked at in calls of several
 * sizes, methods that cut it are written, and what members give with them is held against one device.
 */
final class FrameDivision {
    private static final Map<String, Double> NEAR = Map.of("float64", 1e-5, "float32", 1e-5, "float16", 1e-2);
    private static final double FAR = 5e-2;

    private final Spine spine;
    private final Spine.Written written;
    private final StartFacts facts;
    private final CallDimensions dimensions;

    FrameDivision(Spine spine, Spine.Written written, StartFacts facts, CallDimensions dimensions) {
        this.spine = spine;
        this.written = written;
        this.facts = facts;
        this.dimensions = dimensions;
    }

    /**
     * What was found.
     *
     * @param code the methods for parts, empty where there are none
     * @param obstacle in words, or null
     */
    record Found(String code, @Nullable String obstacle) {
        static Found not(String reason) {
            return new Found("", reason);
        }

        /** The same, unless something stands in the way. */
        Found but(@Nullable String reason) {
            return reason == null ? this : not(reason);
        }

        String note() {
            return obstacle == null
                    ? "one video can be divided among devices: members gave what one device gives"
                    : "one video cannot be divided among devices, rows of a batch can: " + obstacle;
        }
    }

    /** Writes the methods, if what is known of the file allows it. Whether they are right is for {@link Trial} to say. */
    Found methods(NativeModel model, NDList inputs, List<String> dynamic, List<Site> sites) {
        String obstacle = obstacle(sites);
        try {
            return obstacle == null ? cutting(model, inputs, dynamic) : Found.not(obstacle);
        } catch (InstrumentException e) {
            return Found.not(Reasons.of(e));
        }
    }

    private Found cutting(NativeModel model, NDList inputs, List<String> dynamic) {
        Extents extents = new Extents(facts, dimensions, written.channels());
        extents.add(Map.of(), context(model, inputs));
        for (String name : dynamic) {
            long size = dimensions.larger(name, facts);
            extents.add(Map.of(name, size), context(model, dimensions.resized(inputs, name, size)));
        }
        int[] axes = {facts.axis("batch"), facts.axis("frames"), facts.axis("height"), facts.axis("width")};
        List<List<Extent>> all = extents.all();
        List<Extent> sizes = all.get(0).subList(1, all.get(0).size());
        return new Found(
                spine.partCode(written, axes, facts.patch(), sizes, all.subList(1, all.size()), behind(model, inputs)),
                null);
    }

    private @Nullable String obstacle(List<Site> sites) {
        for (String dimension : List.of("batch", "frames", "height", "width")) {
            if (facts.axis(dimension) < 0) {
                return "its latent has no dimension for " + dimension;
            }
        }
        if (facts.frames() < 2) {
            return "the call that it was verified with has one frame";
        }
        if (spine.hidesParts() != null) {
            return "its root class has an attribute '" + spine.hidesParts() + "'";
        }
        return sites.stream()
                .filter(site -> site.kind() == ResidualKind.JOINT_ATTENTION)
                .filter(site -> !written.shared().contains(site.index()))
                .findFirst()
                .map(site ->
                        "site " + site.index() + " mixes all tokens, but not by one attention product without a mask")
                .orElse(null);
    }

    private static List<long[]> context(NativeModel model, NDList inputs) {
        try (NDList tensors = model.call("adacache_context", inputs)) {
            return tensors.stream().map(one -> one.getShape().getShape()).toList();
        }
    }

    /** Sites where tokens of no frame lie behind the video's when keys and values meet: seen by changing the video's first token. */
    private Set<Integer> behind(NativeModel model, NDList inputs) {
        Set<Integer> behind = new TreeSet<>();
        if (facts.prefix() == 0) {
            return behind;
        }
        try (NativeModel.Embedded embedded = model.embed(inputs)) {
            NDArray hidden = embedded.hidden();
            if (hidden.getDataType() != DataType.FLOAT32) {
                return behind;
            }
            float[] values = hidden.toFloatArray();
            int channels = Math.toIntExact(hidden.getShape().get(2));
            for (int c = 0; c < channels; c++) {
                values[facts.prefix() * channels + c] += c % 3 + 1;
            }
            try (NDArray changed = model.manager().create(values, hidden.getShape())) {
                written.shared().stream()
                        .filter(site -> first(model, site, hidden, embedded, changed))
                        .forEach(behind::add);
            }
        }
        return behind;
    }

    private static boolean first(
            NativeModel model, int site, NDArray hidden, NativeModel.Embedded embedded, NDArray changed) {
        try (NDArray before = model.keys(site, hidden, embedded.context());
                NDArray after = model.keys(site, changed, embedded.context())) {
            int width = Math.toIntExact(before.getShape().get(2));
            return !Arrays.equals(before.toFloatArray(), 0, width, after.toFloatArray(), 0, width);
        }
    }

    /** Calls of the written file, and what one device gives for them: what members must give as well. */
    static final class Trial {
        private final Made made;
        private final List<float[]> expected = new ArrayList<>();
        private final List<String> grown = new ArrayList<>();
        private int compared;

        Trial(Made made) {
            this.made = made;
        }

        /** Makes the calls' inputs, the same each time: as they are and, where some dimensions can change, larger. */
        interface Made {
            List<NDList> calls(NDManager manager, List<String> dimensions) throws IOException;
        }

        void expect(TorchScriptTransformer alone, List<NDList> calls, List<String> dimensions) {
            grown.addAll(dimensions);
            calls.forEach(call -> expected.add(floats(alone.predict(call))));
        }

        /**
         * Compares the file on two and three members with what one device gave.
         *
         * @return why one video cannot be divided; null if it can
         */
        @Nullable
        String problem(Path file) throws IOException {
            for (int members : List.of(2, 3)) {
                String problem = problem(file, members);
                if (problem != null) {
                    return problem;
                }
            }
            return compared == 0 ? "the calls that it was verified with have too few frames or places" : null;
        }

        private @Nullable String problem(Path file, int members) throws IOException {
            List<Device> devices = Collections.nCopies(members, Device.cpu());
            try (TorchScriptTransformer model =
                            TorchScriptTransformer.load(file, devices, Division.FRAMES, Checks.NONE);
                    NDManager manager = model.newManager()) {
                List<NDList> calls = made.calls(manager, grown);
                for (int i = 0; i < calls.size(); i++) {
                    TokenGrid grid = model.check(calls.get(i));
                    if (Math.min(grid.frames(), grid.tokensPerFrame()) >= members) {
                        double apart = apart(floats(model.predict(calls.get(i))), expected.get(i));
                        if (apart > NEAR.getOrDefault(model.manifest().dtype(), FAR)) {
                            return members + " members that hold a part of the frames differ from one device by "
                                    + String.format(Locale.ROOT, "%.2g", apart) + " of the largest value";
                        }
                        compared++;
                    }
                }
                return null;
            } catch (ModelFileException | IllegalArgumentException | EngineException | WrongResult e) {
                return "the written methods fail for a part of the frames: " + Reasons.of(e);
            }
        }

        private static double apart(float[] found, float[] expected) {
            double largest = Float.MIN_NORMAL;
            double apart = 0;
            for (int i = 0; i < expected.length; i++) {
                largest = Math.max(largest, Math.abs(expected[i]));
                double difference = Math.abs(expected[i] - found[i]);
                apart = Double.isNaN(difference) ? Double.POSITIVE_INFINITY : Math.max(apart, difference);
            }
            return apart / largest;
        }

        private static float[] floats(NDArray prediction) {
            try (prediction;
                    NDArray wide = prediction.toType(DataType.FLOAT32, true)) {
                return wide.toFloatArray();
            }
        }
    }
}
