package io.adacache.djl;

import io.adacache.layout.TokenGrid;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The named dimensions of one call, before patching, and the sizes that follow from them. */
record NamedSizes(Manifest.Builder model, Map<String, Long> named) {
    /** How the tokens of the call lie. */
    TokenGrid grid() {
        int tokens = ceil(size("height"), model.patchHeight) * ceil(size("width"), model.patchWidth);
        int frames = ceil(size("frames"), model.patchFrames);
        return new TokenGrid(
                Math.toIntExact(size("batch")), Math.toIntExact(size(model.prefix)), frames, tokens, model.channels);
    }

    private static int ceil(long size, int patch) {
        return Math.toIntExact((size + patch - 1) / patch);
    }

    /** A size that is a number, or has a name. */
    private long size(String size) {
        if (Manifest.isNumber(size)) {
            return Long.parseLong(size);
        }
        Long given = named.get(size);
        if (given != null) {
            return given;
        }
        Integer own = model.sizes.get(size);
        if (own == null) {
            throw new IllegalArgumentException("The size '" + size + "' is missing, but got " + new TreeMap<>(named));
        }
        return own;
    }

    /** The sizes of a shape's dimensions. */
    long[] of(List<String> shape) {
        return shape.stream().mapToLong(this::size).toArray();
    }

    /** The bytes of a latent or prediction of a shape, which are fp32. */
    long bytes(List<String> shape) {
        long bytes = Float.BYTES;
        for (long size : of(shape)) {
            bytes = Math.multiplyExact(bytes, size);
        }
        return bytes;
    }
}
