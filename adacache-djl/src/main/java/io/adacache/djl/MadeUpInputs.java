package io.adacache.djl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;

/** Inputs that fit a manifest: seeded noise, and for each role numbers that a model of its kind understands. */
final class MadeUpInputs {
    private static final Map<String, Long> USUAL = Map.of("batch", 1L, "text", 4L);
    private static final long SEED = 20261127;
    private static final float TIMESTEP = 500;
    private static final float FPS = 24;
    private static final float PIXELS_PER_LATENT = 8;

    private MadeUpInputs() {}

    /** The smallest sizes at which frames and places in a frame still differ. */
    static Map<String, Long> small(Manifest manifest) {
        Map<String, Long> sizes = new HashMap<>(USUAL);
        sizes.put("frames", 2L * manifest.patch("frames"));
        sizes.put("height", 2L * manifest.patch("height"));
        sizes.put("width", 2L * manifest.patch("width"));
        manifest.sizes().forEach((name, size) -> sizes.put(name, size.longValue()));
        return sizes;
    }

    /**
     * Makes them; optional ones are absent.
     *
     * @param sizes by name; those that are missing are 1
     */
    static NDList of(Manifest manifest, Map<String, Long> sizes, NDManager manager) {
        return of(manifest, sizes, manager, TIMESTEP);
    }

    /** Makes them for a step of a generation, which has a noise level of its own. */
    static NDList of(Manifest manifest, Map<String, Long> sizes, NDManager manager, float timestep) {
        NDList inputs = new NDList();
        SplittableRandom random = new SplittableRandom(SEED);
        for (Manifest.Input spec : manifest.inputs()) {
            DataType dtype = DataType.valueOf(spec.dtype().toUpperCase(Locale.ROOT));
            long[] shape = spec.optional()
                    ? new long[] {0}
                    : spec.shape().stream()
                            .mapToLong(size ->
                                    Manifest.isNumber(size) ? Long.parseLong(size) : sizes.getOrDefault(size, 1L))
                            .toArray();
            float[] values = new float[Math.toIntExact(new Shape(shape).size())];
            if (spec.role().equals("timestep")) {
                Arrays.fill(values, timestep);
            } else {
                fill(values, spec, dtype, sizes, random);
            }
            NDArray made = manager.create(values, new Shape(shape));
            inputs.add(dtype == DataType.FLOAT32 ? made : converted(made, dtype));
        }
        return inputs;
    }

    /** Booleans go by way of whole numbers, since DJL has no other. */
    private static NDArray converted(NDArray made, DataType dtype) {
        return dtype == DataType.BOOLEAN
                ? made.toType(DataType.INT32, true).toType(dtype, true)
                : made.toType(dtype, true);
    }

    private static void fill(
            float[] values, Manifest.Input spec, DataType dtype, Map<String, Long> sizes, SplittableRandom random) {
        switch (spec.role()) {
            case "fps" -> Arrays.fill(values, FPS);
            case "pixel-height", "pixel-width" ->
                Arrays.fill(
                        values,
                        PIXELS_PER_LATENT * sizes.getOrDefault(spec.role().substring("pixel-".length()), 1L));
            case "text-mask", "frame-mask" -> Arrays.fill(values, 1);
            default -> {
                // Whole numbers are looked up somewhere: place 0 is in every table.
                for (int i = 0; dtype.isFloating() && i < values.length; i++) {
                    values[i] = (float) random.nextGaussian();
                }
            }
        }
    }
}
