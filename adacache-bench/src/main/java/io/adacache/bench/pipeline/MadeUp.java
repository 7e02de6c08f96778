package io.adacache.bench.pipeline;

import io.adacache.bench.sampler.LatentShape;
import io.adacache.bench.sampler.Noise;
import io.adacache.djl.InputSpec;
import io.adacache.djl.Manifest;

/**
 * Stands in for text encoder and decoder, to measure a model without them: text tokens are noise that depends on the prompt, and
 * the first three channels of the latent are shown as colours.
 *
 * @param latent sizes of the latent
 * @param length tokens per prompt
 * @param channels channels of a token
 * @param guidance the model's published scale
 */
record MadeUp(LatentShape latent, int length, int channels, float guidance) implements Surroundings {
    private static final int TOKENS = 12;
    private static final int COLOURS = 3;
    /** Latent values beyond three standard deviations of the noise are shown as black or white. */
    private static final float RANGE = 3;

    static MadeUp of(Manifest manifest, int frames, int height, int width) {
        InputSpec text = input(manifest, "text");
        int size = text.shape().size();
        return new MadeUp(
                new LatentShape(1, number(input(manifest, "latent"), 1), frames, height, width),
                isNumber(text, size - 2) ? number(text, size - 2) : TOKENS,
                number(text, size - 1),
                (float) manifest.guidance().scale());
    }

    private static InputSpec input(Manifest manifest, String role) {
        int index = manifest.indexOf(role);
        if (index < 0) {
            throw new IllegalArgumentException("The model '" + manifest.name() + "' has no input of role '" + role
                    + "', so this program cannot run it");
        }
        return manifest.inputs().get(index);
    }

    private static boolean isNumber(InputSpec spec, int axis) {
        return Character.isDigit(spec.shape().get(axis).charAt(0));
    }

    private static int number(InputSpec spec, int axis) {
        if (!isNumber(spec, axis)) {
            throw new IllegalArgumentException("The manifest leaves dimension " + axis + " of " + spec
                    + " open; this program needs a number there");
        }
        return Integer.parseInt(spec.shape().get(axis));
    }

    @Override
    public float fps() {
        return 8;
    }

    @Override
    public Conditioning conditioning(String prompt) {
        int size = length * channels;
        return new Conditioning(
                1,
                length,
                channels,
                new Noise(prompt.hashCode()).next(size),
                new Noise(0).next(size),
                null,
                fps(),
                8f * latent.height(),
                8f * latent.width());
    }

    @Override
    public Clip decode(float[] values) {
        int channel = latent.frames() * latent.picture();
        float[] shown = new float[COLOURS * channel];
        for (int i = 0; i < shown.length; i++) {
            int from = Math.min(i / channel, latent.channels() - 1) * channel + i % channel;
            shown[i] = values[from] / RANGE;
        }
        return Clip.ofLatent(shown, latent.frames(), latent.height(), latent.width());
    }
}
