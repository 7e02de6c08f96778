package io.adacache.djl.instrument;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import io.adacache.djl.instrument.graph.Spine;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** Names for the inputs' dimensions and roles, from dataflow and sizes; parameter names decide only where nothing else can. */
final class CallDimensions {
    private final List<List<String>> shapes = new ArrayList<>();
    private final List<String> roles = new ArrayList<>();
    private final Map<String, Long> sizes = new LinkedHashMap<>();
    private final boolean packed;

    CallDimensions(Spine spine, NDList inputs, StartFacts facts, Map<String, String> given) {
        Set<Integer> periodic = spine.periodicInputs();
        Set<Integer> lookedUp = spine.lookedUpInputs();
        long[] latent = inputs.get(facts.latent()).getShape().getShape();
        this.packed = facts.axis("width") < 0;
        for (String name : List.of("batch", "frames", "height", "width")) {
            if (facts.axis(name) >= 0) {
                sizes.put(name, latent[facts.axis(name)]);
            }
        }
        int text = text(inputs, facts.latent(), periodic);
        if (text >= 0) {
            long[] shape = inputs.get(text).getShape().getShape();
            sizes.put("text", shape[shape.length - 2]);
        }
        for (int i = 0; i < inputs.size(); i++) {
            String name = spine.inputs().get(i);
            String role = i == facts.latent()
                    ? "latent"
                    : i == text ? "text" : role(name, inputs.get(i), periodic.contains(i), lookedUp.contains(i));
            roles.add(given.getOrDefault(name, role));
            shapes.add(i == facts.latent() ? named(facts.axes(), latent) : dimensions(name, inputs.get(i), i == text));
        }
    }

    /** The named dimensions of each input, numbers as text. */
    List<List<String>> shapes() {
        return shapes;
    }

    List<String> roles() {
        return roles;
    }

    /** The sizes of this call by dimension. */
    Map<String, Long> sizes() {
        return sizes;
    }

    /** A size that the inputs have. */
    long size(String name) {
        return of(sizes, name);
    }

    /** The next size that a dimension can have: a token more. */
    long larger(String name, StartFacts facts) {
        return size(name) + facts.patch(name);
    }

    private static long of(Map<String, Long> sizes, String name) {
        return Objects.requireNonNull(sizes.get(name), () -> "the inputs have no size " + name);
    }

    private static List<String> named(List<String> axes, long[] shape) {
        List<String> names = new ArrayList<>();
        for (int i = 0; i < shape.length; i++) {
            names.add(axes.get(i).equals("channels") ? Long.toString(shape[i]) : axes.get(i));
        }
        return names;
    }

    /** The first sequence of vectors beside the latent; coordinates, which go through a sine, are none. */
    private static int text(NDList inputs, int latent, Set<Integer> periodic) {
        for (int i = 0; i < inputs.size(); i++) {
            int rank = inputs.get(i).getShape().dimension();
            if (i != latent
                    && !periodic.contains(i)
                    && inputs.get(i).getDataType().isFloating()
                    && (rank == 3 || rank == 4)) {
                return i;
            }
        }
        return -1;
    }

    private String role(String name, NDArray input, boolean periodic, boolean lookedUp) {
        int rank = input.getShape().dimension();
        long last = rank == 0 ? 0 : input.getShape().get(rank - 1);
        if (rank == 2 && last == sizes.getOrDefault("text", -1L)) {
            return "text-mask";
        }
        if (rank == 2 && last == sizes.getOrDefault("frames", -1L)) {
            return "frame-mask";
        }
        if (rank <= 1 && lookedUp) {
            return "class-label";
        }
        String plain = name.toLowerCase(Locale.ROOT);
        if (rank <= 1 && (plain.contains("fps") || plain.contains("height") || plain.contains("width"))) {
            return plain.contains("fps") ? "fps" : plain.contains("height") ? "pixel-height" : "pixel-width";
        }
        return rank <= 1 && periodic && !roles.contains("timestep") ? "timestep" : "other";
    }

    private List<String> dimensions(String name, NDArray input, boolean text) {
        long[] shape = input.getShape().getShape();
        List<String> names = new ArrayList<>();
        for (int i = 0; i < shape.length; i++) {
            String number = Long.toString(shape[i]);
            if (shape[i] == 0) {
                names.add(number);
            } else if (i == 0) {
                names.add(first(name, shape));
            } else if (text) {
                names.add(i == shape.length - 2 ? "text" : number);
            } else if (packed && shape[i] == sizes.getOrDefault("height", -1L)) {
                names.add("height");
            } else if ((packed || shape.length == 2) && shape[i] == sizes.getOrDefault("text", -1L)) {
                names.add("text");
            } else if (shape.length == 2 && shape[i] == sizes.getOrDefault("frames", -1L)) {
                names.add("frames");
            } else {
                names.add(number);
            }
        }
        return names;
    }

    private String first(String name, long[] shape) {
        if (shape[0] == size("batch")) {
            return "batch";
        }
        if (packed && shape.length > 1 && shape[0] == sizes.getOrDefault("height", -1L)) {
            return "height";
        }
        if (packed && shape.length > 1 && shape[0] == sizes.getOrDefault("text", -1L)) {
            return "text";
        }
        boolean mask = shape.length == 2 && shape[1] == sizes.getOrDefault("text", -1L);
        if (shape.length == 1 && sizes.getOrDefault("conditions", shape[0]) == shape[0]) {
            sizes.put("conditions", shape[0]);
            return "conditions";
        }
        return mask ? "prompts" : name + "_0";
    }

    /** Sizes as operations are counted in: batch, frames and tokens after patching, text. */
    Map<String, Long> patched(StartFacts facts, Map<String, Long> changed) {
        Map<String, Long> all = new LinkedHashMap<>(sizes);
        all.putAll(changed);
        Map<String, Long> patched = new LinkedHashMap<>();
        patched.put("batch", of(all, "batch"));
        patched.put("text", all.getOrDefault("text", 0L));
        boolean told = facts.axis("frames") < 0;
        patched.put("frames", told ? (long) facts.frames() : ceil(of(all, "frames"), facts.patch()[0]));
        long rows = ceil(all.getOrDefault("height", 1L), facts.patch()[1]);
        patched.put("tokens", rows * ceil(all.getOrDefault("width", 1L), facts.patch()[2]));
        return patched;
    }

    /** Tokens of the hidden state when some dimensions change, as a manifest tells them. */
    long tokens(StartFacts facts, Map<String, Long> changed) {
        Map<String, Long> patched = patched(facts, changed);
        boolean text = ManifestWriter.prefix(facts, this).equals("text");
        return (text ? of(patched, "text") : facts.prefix()) + of(patched, "frames") * of(patched, "tokens");
    }

    private static long ceil(long size, int patch) {
        return (size + patch - 1) / patch;
    }

    /** The inputs with one named dimension at another size. */
    NDList resized(NDList inputs, String dimension, long size) {
        NDList result = new NDList();
        for (int i = 0; i < inputs.size(); i++) {
            NDArray array = inputs.get(i);
            for (int axis = 0; axis < shapes.get(i).size(); axis++) {
                if (shapes.get(i).get(axis).equals(dimension)) {
                    array = grow(array, axis, size);
                }
            }
            result.add(array);
        }
        return result;
    }

    private static NDArray grow(NDArray array, int axis, long size) {
        if (array.getDataType() == DataType.BOOLEAN) {
            return CallInputs.resized(array.toType(DataType.INT32, true), axis, size)
                    .toType(DataType.BOOLEAN, true);
        }
        return CallInputs.resized(array, axis, size);
    }
}
