package io.adacache.bench.pipeline;

import io.adacache.bench.sampler.NoiseSource;
import io.adacache.djl.InputSpec;
import io.adacache.djl.Manifest;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a generation gives to the model beside latent and timestep. Arrays are not copied.
 *
 * @param prompts number of prompts; the batch of the latent
 * @param length tokens per prompt
 * @param channels channels of a token
 * @param text {@code [prompts, length, channels]}
 * @param nothing the null prompt, same shape
 * @param mask {@code [prompts, length]}, 1 where a token counts; null where all count
 * @param fps frames per second
 * @param height rows in pixels
 * @param width columns in pixels
 * @param classes classes instead of text, or null
 */
public record Conditioning(
        int prompts,
        int length,
        int channels,
        float[] text,
        float[] nothing,
        long @Nullable [] mask,
        float fps,
        float height,
        float width,
        @Nullable Classes classes) {
    /**
     * One class per prompt.
     *
     * @param labels the classes
     * @param nothing the label that stands for no class
     */
    public record Classes(long[] labels, long nothing) {}

    /** Checks the sizes. */
    public Conditioning {
        int size = prompts * length * channels;
        if (text.length != size || nothing.length != size || (mask != null && mask.length != prompts * length)) {
            throw new IllegalArgumentException("Text of " + text.length + ", null prompt of " + nothing.length
                    + " and mask of " + (mask == null ? "no" : mask.length) + " values do not fit " + prompts
                    + " prompts of " + length + " tokens of " + channels + " channels");
        }
        if (classes != null && classes.labels().length != prompts) {
            throw new IllegalArgumentException(
                    classes.labels().length + " classes were given for " + prompts + " clips");
        }
    }

    /** Creates a conditioning on text. */
    public Conditioning(
            int prompts,
            int length,
            int channels,
            float[] text,
            float[] nothing,
            long @Nullable [] mask,
            float fps,
            float height,
            float width) {
        this(prompts, length, channels, text, nothing, mask, fps, height, width, null);
    }

    /** Returns what the conditional half is given. */
    Given conditional() {
        return new Given(text, classes == null ? new long[0] : classes.labels());
    }

    /** Returns what the unconditional half is given. */
    Given unconditional() {
        long[] labels = new long[classes == null ? 0 : prompts];
        if (classes != null) {
            Arrays.fill(labels, classes.nothing());
        }
        return new Given(nothing, labels);
    }

    /**
     * Returns made-up conditioning, for timing and trying: Gaussian text, the first classes.
     *
     * @param prompts number of prompts
     * @param length tokens per prompt, where the model takes text
     * @param random where the text comes from
     */
    public static Conditioning madeUp(
            Manifest manifest, int prompts, int length, NoiseSource random, float fps, float height, float width) {
        int text = manifest.indexOf("text");
        int tokens = text < 0 ? 0 : length;
        int channels = text < 0 ? 0 : lastSize(manifest.inputs().get(text));
        int size = prompts * tokens * channels;
        return new Conditioning(
                prompts,
                tokens,
                channels,
                random.next(size),
                random.next(size),
                null,
                fps,
                height,
                width,
                manifest.indexOf("class-label") < 0 ? null : classes(manifest, prompts));
    }

    private static int lastSize(InputSpec spec) {
        return Integer.parseInt(spec.shape().get(spec.shape().size() - 1));
    }

    /** The checkpoint's configuration says how many classes there are; the label after the last stands for none. */
    private static @Nullable Classes classes(Manifest manifest, int prompts) {
        if (!(manifest.details().get("config") instanceof Map<?, ?> config)
                || !(config.get("num_classes") instanceof Number number)) {
            return null;
        }
        int count = number.intValue();
        long[] labels = new long[prompts];
        Arrays.setAll(labels, i -> i % count);
        return new Classes(labels, count);
    }

    /**
     * Returns the conditioning of a prompt, for a model file that carries its vocabulary.
     *
     * @throws IllegalArgumentException if it carries none, or does not know a word
     */
    public static Conditioning ofPrompt(Manifest manifest, String prompt) {
        return DemoSettings.of(manifest).conditioning(prompt);
    }

    /**
     * Returns the conditioning of one prompt whose tokens are one-hot.
     *
     * @param tokens at most {@code length}
     * @param nullPrompt {@code [length, channels]}
     */
    static Conditioning oneHot(List<Integer> tokens, float[][] nullPrompt, float fps, float height, float width) {
        int length = nullPrompt.length;
        int channels = nullPrompt[0].length;
        float[] text = new float[length * channels];
        float[] nothing = new float[length * channels];
        long[] mask = new long[length];
        for (int i = 0; i < length; i++) {
            System.arraycopy(nullPrompt[i], 0, nothing, i * channels, channels);
            if (i < tokens.size()) {
                text[i * channels + tokens.get(i)] = 1;
                mask[i] = 1;
            }
        }
        return new Conditioning(1, length, channels, text, nothing, mask, fps, height, width);
    }
}
