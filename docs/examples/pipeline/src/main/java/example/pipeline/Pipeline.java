package example.pipeline;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.adacache.CacheSession;
import io.adacache.Footprint;
import io.adacache.djl.Manifest.Input;
import io.adacache.djl.TorchScriptTransformer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntConsumer;

/**
 * From a prompt to frames with the demo model, whose latent is the clip itself. Your sampler, text encoder and VAE stand here in a real
 * service; what is adacache's are the session and its call in the loop. Thread-safe.
 */
public final class Pipeline {
    private static final float TOP = 1000;

    private final TorchScriptTransformer model;
    private final int steps;
    private final Map<?, ?> settings;
    private final Map<String, Footprint> footprints = new ConcurrentHashMap<>();

    /** Throws {@link IllegalStateException} for a model without a vocabulary. */
    public Pipeline(TorchScriptTransformer model, int steps) {
        this.model = model;
        this.steps = steps;
        if (!(model.manifest().details().get("pipeline") instanceof Map<?, ?> given)) {
            throw new IllegalStateException(
                    "The model " + model.name()
                            + " carries no vocabulary; this example runs with adacache-bench/src/main/resources/io/adacache/bench/demo.pt");
        }
        this.settings = given;
    }

    private int number(String name) {
        return ((Number) settings.get(name)).intValue();
    }

    private List<String> words(String name) {
        return ((List<?>) settings.get(name)).stream().map(String.class::cast).toList();
    }

    private int size() {
        return Frames.COLOURS * number("frames") * number("height") * number("width");
    }

    /** Throws {@link IllegalArgumentException} for a prompt that the model does not know. */
    public List<Integer> tokens(String prompt) {
        return Prompt.tokens(prompt, words("vocabulary"), words("fillers"), number("max_tokens"));
    }

    /** Returns what a session under a policy will hold, known before it begins. */
    public Footprint footprint(String policy) {
        return footprints.computeIfAbsent(policy, name -> {
            try (NDManager manager = model.newManager()) {
                return model.footprint(name, steps, warmUpInputs(manager));
            }
        });
    }

    /** Returns inputs of the size to come. */
    public NDList warmUpInputs(NDManager manager) {
        return inputs(manager, constant(manager, List.of(0)), new float[size()], TOP);
    }

    /**
     * Generates.
     *
     * @param session begun with the pipeline's number of steps; the caller's to close
     * @param progress hears the number of steps that are done
     */
    public Frames generate(CacheSession<NDArray> session, List<Integer> tokens, long seed, IntConsumer progress) {
        float[] latent = noise(seed, size());
        try (NDManager manager = model.newManager()) {
            Map<String, NDArray> constant = constant(manager, tokens);
            for (int step = 0; step < steps; step++) {
                float level = 1 - (float) step / steps;
                try (NDManager each = manager.newSubManager()) {
                    // The prediction belongs to the manager of the first input, and goes with it.
                    NDArray prediction = session.step(inputs(each, constant, latent, level * TOP));
                    advance(latent, prediction.toFloatArray(), step);
                }
                progress.accept(step + 1);
            }
        }
        return frames(latent);
    }

    /** Guidance, and a step towards what the model takes for the clean clip. */
    private void advance(float[] latent, float[] both, int step) {
        float scale = (float) model.manifest().guidance().scale();
        for (int i = 0; i < latent.length; i++) {
            float unconditional = both[latent.length + i];
            float clean = unconditional + scale * (both[i] - unconditional);
            latent[i] += (clean - latent[i]) / (steps - step);
        }
    }

    /** What stays the same over the steps, by role. */
    private Map<String, NDArray> constant(NDManager manager, List<Integer> tokens) {
        int length = number("max_tokens");
        List<?> nothing = (List<?>) settings.get("null_prompt");
        int channels = ((List<?>) nothing.get(0)).size();
        float[] text = new float[2 * length * channels];
        long[] mask = new long[length];
        for (int i = 0; i < length; i++) {
            if (i < tokens.size()) {
                text[i * channels + tokens.get(i)] = 1;
                mask[i] = 1;
            }
            for (int k = 0; k < channels; k++) {
                text[(length + i) * channels + k] = ((Number) ((List<?>) nothing.get(i)).get(k)).floatValue();
            }
        }
        return Map.of(
                "text", manager.create(text, new Shape(2, 1, length, channels)),
                "text-mask", manager.create(mask, new Shape(1, length)),
                "frame-mask", manager.create(new float[0], new Shape(0)),
                "fps", manager.create(new float[] {number("fps_input")}),
                "pixel-height", manager.create(new float[] {number("height_input")}),
                "pixel-width", manager.create(new float[] {number("width_input")}));
    }

    /** The inputs in the manifest's order; both guidance halves in one call. */
    private NDList inputs(NDManager manager, Map<String, NDArray> constant, float[] latent, float timestep) {
        float[] twice = new float[2 * latent.length];
        System.arraycopy(latent, 0, twice, 0, latent.length);
        System.arraycopy(latent, 0, twice, latent.length, latent.length);
        NDList inputs = new NDList();
        for (Input spec : model.manifest().inputs()) {
            inputs.add(
                    switch (spec.role()) {
                        case "latent" ->
                            manager.create(
                                    twice,
                                    new Shape(2, Frames.COLOURS, number("frames"), number("height"), number("width")));
                        case "timestep" -> manager.create(new float[] {timestep, timestep});
                        default ->
                            constant.containsKey(spec.role())
                                    ? constant.get(spec.role())
                                    : manager.create(new Shape(0), DataType.FLOAT32);
                    });
        }
        return inputs;
    }

    /** Gaussian noise from a seed, independent of the engine's generator, which all threads share. */
    private static float[] noise(long seed, int count) {
        SplittableRandom random = new SplittableRandom(seed);
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    private Frames frames(float[] latent) {
        int frames = number("frames");
        int pixels = number("height") * number("width");
        List<byte[]> rgb = new ArrayList<>();
        for (int frame = 0; frame < frames; frame++) {
            byte[] bytes = new byte[Frames.COLOURS * pixels];
            for (int i = 0; i < bytes.length; i++) {
                float value = latent[(i % Frames.COLOURS * frames + frame) * pixels + i / Frames.COLOURS];
                bytes[i] = (byte) Math.round(255 * Math.min(1, Math.max(0, (value + 1) / 2)));
            }
            rgb.add(bytes);
        }
        return new Frames(rgb, number("width"), number("height"), ((Number) settings.get("fps")).doubleValue());
    }
}
