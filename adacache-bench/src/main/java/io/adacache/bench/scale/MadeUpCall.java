package io.adacache.bench.scale;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.adacache.djl.Manifest;
import io.adacache.djl.Manifest.Input;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;

/** Inputs of a call of some size: seeded noise, and usual numbers where a role asks for them. Only their cost counts. */
final class MadeUpCall {
    private static final float FIRST_TIMESTEP = 900;
    private static final float FPS = 24;
    private static final int PIXELS = 8;

    private final Manifest manifest;
    private final Map<String, Long> sizes = new HashMap<>();

    MadeUpCall(Manifest manifest, VideoSize size, int rows, int text) {
        this.manifest = manifest;
        sizes.put("batch", (long) rows);
        sizes.put("frames", (long) size.frames());
        sizes.put("height", (long) size.height());
        sizes.put("width", (long) size.width());
        sizes.put("text", (long) text);
        manifest.sizes().forEach((name, fixed) -> sizes.put(name, fixed.longValue()));
    }

    /** Returns the sizes of the call by name. */
    Map<String, Long> sizes() {
        return Map.copyOf(sizes);
    }

    /** Returns the inputs of a step; every step has another noise level and another latent. They belong to the manager. */
    NDList at(int step, NDManager manager) {
        SplittableRandom random = new SplittableRandom(step);
        NDList inputs = new NDList();
        for (Input input : manifest.inputs()) {
            inputs.add(one(input, step, random, manager));
        }
        return inputs;
    }

    private NDArray one(Input input, int step, SplittableRandom random, NDManager manager) {
        DataType type = DataType.valueOf(input.dtype().toUpperCase(Locale.ROOT));
        if (input.optional()) {
            return manager.zeros(new Shape(0), type);
        }
        Shape shape = new Shape(input.shape().stream().mapToLong(this::length).toArray());
        float[] values = new float[Math.toIntExact(shape.size())];
        for (int i = 0; i < values.length; i++) {
            values[i] = value(input.role(), step, type, random);
        }
        NDArray made = manager.create(values, shape);
        return type == DataType.FLOAT32 ? made : made.toType(type, false);
    }

    private long length(String size) {
        return Character.isDigit(size.charAt(0)) ? Long.parseLong(size) : sizes.getOrDefault(size, 1L);
    }

    private float value(String role, int step, DataType type, SplittableRandom random) {
        return switch (role) {
            case "timestep" -> FIRST_TIMESTEP - step;
            case "fps" -> FPS;
            case "pixel-height" -> PIXELS * length("height");
            case "pixel-width" -> PIXELS * length("width");
            default -> type.isFloating() ? (float) random.nextGaussian() : 0;
        };
    }
}
