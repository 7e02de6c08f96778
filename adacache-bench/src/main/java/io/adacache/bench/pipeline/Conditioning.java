package io.adacache.bench.pipeline;

import java.util.List;
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
        float width) {
    /** Checks the sizes. */
    public Conditioning {
        int size = prompts * length * channels;
        if (text.length != size || nothing.length != size || (mask != null && mask.length != prompts * length)) {
            throw new IllegalArgumentException("Text of " + text.length + ", null prompt of " + nothing.length
                    + " and mask of " + (mask == null ? "no" : mask.length) + " values do not fit " + prompts
                    + " prompts of " + length + " tokens of " + channels + " channels");
        }
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
