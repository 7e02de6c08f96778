package io.adacache.bench.pipeline;

import io.adacache.bench.sampler.NoiseSource;
import io.adacache.djl.Manifest;
import io.adacache.djl.Manifest.Input;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
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
 * @param picture what the clip is made from beside words
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
        @Nullable Classes classes,
        Picture picture) {
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
        this(prompts, length, channels, text, nothing, mask, fps, height, width, null, Picture.NONE);
    }

    /** Returns this with a picture. */
    public Conditioning with(Picture shown) {
        return new Conditioning(prompts, length, channels, text, nothing, mask, fps, height, width, classes, shown);
    }

    /** Returns what the conditional half is given. */
    Condition conditional() {
        return new Condition(text, classes == null ? new long[0] : classes.labels());
    }

    /** Returns what the unconditional half is given. */
    Condition unconditional() {
        long[] labels = new long[classes == null ? 0 : prompts];
        if (classes != null) {
            Arrays.fill(labels, classes.nothing());
        }
        return new Condition(nothing, labels);
    }

    /** Returns this for a batch of clips: itself where it has as many prompts, its one prompt again and again where it has one. */
    public Conditioning forBatch(int batch) {
        if (prompts == batch) {
            return this;
        }
        if (prompts != 1) {
            throw new IllegalArgumentException(
                    "There is text for " + prompts + " clips, but a batch of " + batch + "; --batch says how many");
        }
        return new Conditioning(
                batch,
                length,
                channels,
                repeated(text, batch),
                repeated(nothing, batch),
                mask == null ? null : repeated(mask, batch),
                fps,
                height,
                width,
                classes == null ? null : new Classes(repeated(classes.labels(), batch), classes.nothing()),
                picture.repeated(batch));
    }

    /** Returns a conditioning per prompt. */
    public List<Conditioning> split() {
        if (prompts == 1 || classes != null) {
            return List.of(this);
        }
        if (picture.isGiven()) {
            throw new IllegalArgumentException("Text for " + prompts
                    + " clips with pictures is one batch of them; --batch " + prompts + ", or a file for each clip");
        }
        return IntStream.range(0, prompts).mapToObj(this::only).toList();
    }

    private Conditioning only(int prompt) {
        int size = length * channels;
        return new Conditioning(
                1,
                length,
                channels,
                Arrays.copyOfRange(text, prompt * size, (prompt + 1) * size),
                Arrays.copyOfRange(nothing, prompt * size, (prompt + 1) * size),
                mask == null ? null : Arrays.copyOfRange(mask, prompt * length, (prompt + 1) * length),
                fps,
                height,
                width);
    }

    static float[] repeated(float[] values, int times) {
        float[] all = new float[values.length * times];
        for (int i = 0; i < times; i++) {
            System.arraycopy(values, 0, all, i * values.length, values.length);
        }
        return all;
    }

    private static long[] repeated(long[] values, int times) {
        long[] all = new long[values.length * times];
        for (int i = 0; i < times; i++) {
            System.arraycopy(values, 0, all, i * values.length, values.length);
        }
        return all;
    }

    /**
     * Returns made-up conditioning, for timing and trying: Gaussian text, the first classes.
     *
     * @param prompts number of prompts
     * @param length tokens per prompt, where the model takes text and leaves that open
     * @param text where the text comes from
     * @param nothing where the null prompt comes from
     */
    public static Conditioning madeUp(
            Manifest manifest,
            int prompts,
            int length,
            NoiseSource text,
            NoiseSource nothing,
            float fps,
            float height,
            float width) {
        int index = manifest.indexOf("text");
        Input spec = index < 0 ? null : manifest.inputs().get(index);
        int tokens = spec == null ? 0 : length(spec, manifest, length);
        int channels = spec == null ? 0 : lastSize(spec);
        int size = Math.multiplyExact(Math.multiplyExact(prompts, tokens), channels);
        return new Conditioning(
                prompts,
                tokens,
                channels,
                text.next(size),
                nothing.next(size),
                null,
                fps,
                height,
                width,
                manifest.indexOf("class-label") < 0 ? null : classes(manifest, prompts),
                Picture.NONE);
    }

    /** Tokens per prompt: as the input's shape or the file's fixed sizes have it, else as wished. */
    private static int length(Input spec, Manifest manifest, int wished) {
        String size = spec.shape().get(spec.shape().size() - 2);
        return Character.isDigit(size.charAt(0))
                ? Integer.parseInt(size)
                : manifest.sizes().getOrDefault(size, wished);
    }

    private static int lastSize(Input spec) {
        String size = spec.shape().get(spec.shape().size() - 1);
        if (!Character.isDigit(size.charAt(0))) {
            throw new IllegalArgumentException(
                    "The manifest leaves the channels of " + spec + " open; give text with --conditioning FILE.npz");
        }
        return Integer.parseInt(size);
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
     * Returns the conditioning of one prompt whose tokens have some channels at 1 and all others at 0.
     *
     * @param tokens at most {@code length}, each with the channels that are 1
     * @param nullPrompt {@code [length, channels]}
     */
    static Conditioning oneHot(List<List<Integer>> tokens, float[][] nullPrompt, float fps, float height, float width) {
        int length = nullPrompt.length;
        int channels = nullPrompt[0].length;
        float[] text = new float[length * channels];
        float[] nothing = new float[length * channels];
        long[] mask = new long[length];
        for (int i = 0; i < length; i++) {
            System.arraycopy(nullPrompt[i], 0, nothing, i * channels, channels);
            if (i < tokens.size()) {
                for (int hot : tokens.get(i)) {
                    text[i * channels + hot] = 1;
                }
                mask[i] = 1;
            }
        }
        return new Conditioning(1, length, channels, text, nothing, mask, fps, height, width);
    }
}
