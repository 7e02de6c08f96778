package io.adacache.djl;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.pytorch.engine.PtNDArray;
import io.adacache.layout.TokenGrid;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Holds the inputs of a call against what is known of the model, before anything is wrapped for a native call. Whatever is wrong is
 * an {@link IllegalArgumentException} that names the input; nothing is lost. Reads shapes, dtypes and devices only.
 */
final class CallChecker {
    private static final String EXPECTED = ". Expected in this order: ";

    private final @Nullable Manifest manifest;
    private final Device device;

    /** Creates a checker for a model; without manifest only what no model takes is refused. */
    CallChecker(@Nullable Manifest manifest, Device device) {
        this.manifest = manifest;
        this.device = device;
    }

    TokenGrid check(@Nullable List<NDArray> inputs) {
        if (inputs == null || inputs.isEmpty()) {
            throw new IllegalArgumentException(
                    "A call needs inputs, but got " + (inputs == null ? "null" : "an empty list") + expected());
        }
        if (manifest != null && inputs.size() != manifest.inputs().size()) {
            throw new IllegalArgumentException("The model takes "
                    + manifest.inputs().size() + " inputs, but got " + inputs.size()
                    + " (pass a tensor of zero elements for an absent optional input)" + expected());
        }
        for (int i = 0; i < inputs.size(); i++) {
            checkArray(name(i, inputs.size()), inputs.get(i));
        }
        return manifest == null ? unseen(inputs) : manifest.grid(sizes(manifest, inputs));
    }

    private String expected() {
        return manifest == null ? "" : EXPECTED + manifest.inputs();
    }

    private String name(int index, int count) {
        return manifest == null
                ? "Input " + (index + 1) + " of " + count
                : "Input '" + manifest.inputs().get(index).name() + "'";
    }

    /** What no model takes. The order matters: asking the engine for the device of a string, or of a closed array, ends the process. */
    private void checkArray(String name, @Nullable NDArray input) {
        if (input == null) {
            throw new IllegalArgumentException(
                    name + " is null; pass a tensor of zero elements for an absent optional input");
        }
        if (!(input instanceof PtNDArray array)) {
            throw new IllegalArgumentException(name + " is an array of another engine ("
                    + input.getClass().getSimpleName() + "); make it with the model's newManager()");
        }
        if (array.isReleased()) {
            throw new IllegalArgumentException(name + " is closed; inputs stay open until the call returns");
        }
        if (array.getDataType() == DataType.STRING) {
            throw new IllegalArgumentException(name + " holds text; the model takes numbers (encode the text first)");
        }
        if (array.isSparse()) {
            throw new IllegalArgumentException(name + " is sparse; convert it with toDense");
        }
        if (!array.getDevice().equals(device)) {
            throw new IllegalArgumentException(name + " is on " + array.getDevice() + ", the model on " + device
                    + "; make it with the model's newManager() or move it there");
        }
    }

    /** Says of each input what it is, for messages. */
    static String describe(List<NDArray> inputs) {
        return inputs.stream()
                .map(input -> input.isReleased() ? "closed" : input.getDataType() + " " + input.getShape())
                .collect(Collectors.joining(", "));
    }

    /** The hidden state of an opaque model cannot be seen: what was kept fits calls of the very same sizes. */
    private static TokenGrid unseen(List<NDArray> inputs) {
        List<List<Long>> sizes = new ArrayList<>(inputs.size());
        for (NDArray input : inputs) {
            List<Long> shape = new ArrayList<>();
            for (long size : input.getShape().getShape()) {
                shape.add(size);
            }
            sizes.add(shape);
        }
        return TokenGrid.ofInputs(sizes);
    }

    private static Map<String, Long> sizes(Manifest manifest, List<NDArray> inputs) {
        Map<String, Long> sizes = new HashMap<>();
        Map<String, String> setBy = new HashMap<>();
        manifest.sizes().forEach((name, size) -> {
            sizes.put(name, size.longValue());
            setBy.put(name, "");
        });
        for (int i = 0; i < inputs.size(); i++) {
            check(manifest.inputs().get(i), inputs.get(i), sizes, setBy);
        }
        return sizes;
    }

    private static void check(Manifest.Input spec, NDArray input, Map<String, Long> sizes, Map<String, String> setBy) {
        long[] shape = input.getShape().getShape();
        if (spec.optional() && input.getShape().size() == 0) {
            return;
        }
        DataType dtype = input.getDataType();
        if (!dtype.name().toLowerCase(Locale.ROOT).equals(spec.dtype())) {
            throw new IllegalArgumentException(
                    "Input '" + spec.name() + "' is " + dtype.name().toLowerCase(Locale.ROOT) + ", but the model takes "
                            + spec.dtype() + "; convert it with toType");
        }
        if (shape.length != spec.shape().size()) {
            throw new IllegalArgumentException(
                    "Input '" + spec.name() + "' has shape " + input.getShape() + " of rank " + shape.length
                            + ", but the model takes rank " + spec.shape().size() + ": " + spec.shape());
        }
        for (int i = 0; i < shape.length; i++) {
            checkSize(spec, i, shape[i], sizes, setBy, input);
        }
    }

    private static void checkSize(
            Manifest.Input spec,
            int axis,
            long size,
            Map<String, Long> sizes,
            Map<String, String> setBy,
            NDArray input) {
        String expected = spec.shape().get(axis);
        if (Character.isDigit(expected.charAt(0))) {
            if (size != Long.parseLong(expected)) {
                throw wrong(spec, axis, input, "must be " + expected + ": " + spec.shape());
            }
            return;
        }
        if (size < 1) {
            throw wrong(spec, axis, input, "('" + expected + "') must not be empty: " + spec.shape());
        }
        Long before = sizes.putIfAbsent(expected, size);
        if (before == null) {
            setBy.put(expected, spec.name());
        } else if (before != size) {
            String by = setBy.getOrDefault(expected, "");
            String why = by.isEmpty() ? ", which this file has fixed" : " as in input '" + by + "'";
            throw wrong(spec, axis, input, "('" + expected + "') must be " + before + why);
        }
    }

    private static IllegalArgumentException wrong(Manifest.Input spec, int axis, NDArray input, String rule) {
        return new IllegalArgumentException(
                "Input '" + spec.name() + "' has shape " + input.getShape() + ", but dimension " + axis + " " + rule);
    }
}
