package io.adacache.djl;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import io.adacache.layout.TokenGrid;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Holds the inputs of a call against the manifest, before anything native sees them. Reads shapes and dtypes only. */
final class CallChecker {
    private static final String EXPECTED = ". Expected in this order: ";

    private final Manifest manifest;
    private final Device device;

    CallChecker(Manifest manifest, Device device) {
        this.manifest = manifest;
        this.device = device;
    }

    TokenGrid check(List<NDArray> inputs) {
        if (inputs.size() != manifest.inputs().size()) {
            throw new IllegalArgumentException("The model takes "
                    + manifest.inputs().size() + " inputs, but got " + inputs.size()
                    + " (pass a tensor of zero elements for an absent optional input)" + EXPECTED + manifest.inputs());
        }
        Map<String, Long> sizes = new HashMap<>();
        Map<String, String> setBy = new HashMap<>();
        manifest.sizes().forEach((name, size) -> {
            sizes.put(name, size.longValue());
            setBy.put(name, "");
        });
        for (int i = 0; i < inputs.size(); i++) {
            check(manifest.inputs().get(i), inputs.get(i), sizes, setBy);
        }
        return manifest.grid(sizes);
    }

    private void check(InputSpec spec, NDArray input, Map<String, Long> sizes, Map<String, String> setBy) {
        if (!input.getDevice().equals(device)) {
            throw new IllegalArgumentException("Input '" + spec.name() + "' is on " + input.getDevice()
                    + ", the model on " + device + "; make it with the model's newManager() or move it there");
        }
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

    private void checkSize(
            InputSpec spec, int axis, long size, Map<String, Long> sizes, Map<String, String> setBy, NDArray input) {
        String expected = spec.shape().get(axis);
        String what = "Input '" + spec.name() + "' has shape " + input.getShape() + ", but dimension " + axis + " ";
        if (Character.isDigit(expected.charAt(0))) {
            if (size != Long.parseLong(expected)) {
                throw new IllegalArgumentException(what + "must be " + expected + ": " + spec.shape());
            }
            return;
        }
        if (size < 1) {
            throw new IllegalArgumentException(what + "('" + expected + "') must not be empty: " + spec.shape());
        }
        Long before = sizes.putIfAbsent(expected, size);
        if (before == null) {
            setBy.put(expected, spec.name());
        } else if (before != size) {
            String by = setBy.getOrDefault(expected, "");
            throw new IllegalArgumentException(what + "('" + expected + "') must be " + before
                    + (by.isEmpty() ? ", which this file has fixed" : " as in input '" + by + "'"));
        }
    }
}
