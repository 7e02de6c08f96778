package io.adacache.bench.pipeline;

import io.adacache.bench.sampler.LatentShape;
import io.adacache.bench.sampler.NoiseSource;
import io.adacache.djl.Manifest;
import io.adacache.djl.Manifest.Input;

/**
 * What a clip is made from beside words, for image-to-video models. Arrays are not copied.
 *
 * @param channels what the latent input holds beside the noise, the same in every step: the sizes of the latent in the model's order,
 *     with the further channels in the place of its own; empty where the model has none
 * @param tokens {@code [batch, tokens, channels]} of an image encoder; empty where the model takes none
 */
public record Picture(float[] channels, float[] tokens) {
    /** No picture. */
    static final Picture NONE = new Picture(new float[0], new float[0]);

    /** Whether there is one. */
    boolean isGiven() {
        return channels.length + tokens.length > 0;
    }

    /** Returns noise in the picture's place, for timing and trying; nothing where the model takes none. */
    public static Picture madeUp(Manifest manifest, LatentShape latent, NoiseSource random) {
        int further = further(manifest);
        int image = manifest.indexOf("image");
        if (further == 0 && image < 0) {
            return NONE;
        }
        int values = further * latent.size() / latent.channels();
        int tokens = image < 0
                ? 0
                : latent.batch() * tokens(manifest, manifest.inputs().get(image));
        return new Picture(random.next(values), random.next(tokens));
    }

    /** How many channels the latent input has beside the noise. */
    static int further(Manifest manifest) {
        return channels(manifest.inputs().get(manifest.indexOf("latent"))) - manifest.noiseChannels();
    }

    private static int channels(Input latent) {
        return Integer.parseInt(latent.shape().get(axis(latent)));
    }

    /** The axis of the latent's channels, its one number. */
    static int axis(Input latent) {
        int axis = 0;
        while (!isNumber(latent.shape().get(axis))) {
            axis++;
        }
        return axis;
    }

    private static boolean isNumber(String size) {
        return Character.isDigit(size.charAt(0));
    }

    /** Numbers per clip of an input whose sizes the manifest all tells. */
    private static int tokens(Manifest manifest, Input spec) {
        int product = 1;
        for (String size : spec.shape().subList(1, spec.shape().size())) {
            Integer known =
                    isNumber(size) ? Integer.valueOf(size) : manifest.sizes().get(size);
            if (known == null) {
                throw new IllegalArgumentException("The manifest leaves '" + size + "' of " + spec
                        + " open; give the array image with --conditioning FILE.npz");
            }
            product *= known;
        }
        return product;
    }

    /** Returns this for several clips of the same. */
    Picture repeated(int times) {
        return new Picture(Conditioning.repeated(channels, times), Conditioning.repeated(tokens, times));
    }

    /**
     * Returns a latent with the further channels behind its own.
     *
     * @param z the noise, in the model's order; its batch is that of the picture, or twice that
     * @param shape sizes of z
     * @param axis of the channels
     * @param further how many the model takes
     * @throws IllegalArgumentException if there are not so many
     */
    float[] behind(float[] z, long[] shape, int axis, int further) {
        int inner = 1;
        for (int i = axis + 1; i < shape.length; i++) {
            inner *= (int) shape[i];
        }
        int own = (int) shape[axis] * inner;
        int more = further * inner;
        int rows = z.length / own;
        int given = channels.length / more;
        if (channels.length % more != 0 || (given != rows && 2 * given != rows)) {
            throw new IllegalArgumentException(
                    "The model's latent has " + further + " channels beside the noise, for what"
                            + " the clip is made from; give them as the array picture of --conditioning FILE.npz: the latent's sizes"
                            + ", with " + further + " channels, but got " + channels.length + " numbers");
        }
        float[] joined = new float[rows * (own + more)];
        for (int row = 0; row < rows; row++) {
            System.arraycopy(z, row * own, joined, row * (own + more), own);
            System.arraycopy(channels, row % given * more, joined, row * (own + more) + own, more);
        }
        return joined;
    }
}
