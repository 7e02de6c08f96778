package io.adacache.bench.pipeline;

import io.adacache.djl.npz.NpyArray;
import io.adacache.djl.npz.Npz;
import java.nio.file.Path;
import java.util.List;

/**
 * Reads what a generation is conditioned on from an {@code .npz}: {@code text} and {@code nothing} {@code [batch, length,
 * channels]}, perhaps {@code mask} {@code [batch, length]} and {@code fps}. Without {@code nothing} the null prompt is zeros. For
 * image-to-video models {@code picture}, the channels of the latent input that are not noise, and {@code image} {@code [batch, tokens,
 * channels]}, an image encoder's tokens.
 */
public final class ConditioningFile {
    private static final List<String> KNOWN = List.of("text", "nothing", "mask", "fps", "picture", "image");

    private ConditioningFile() {}

    /**
     * Reads a file.
     *
     * @param fps frames per second where the file names none
     * @param height of the clip in pixels
     * @param width of the clip in pixels
     * @throws IllegalArgumentException if it is missing, or arrays do not fit together
     */
    public static Conditioning read(Path file, float fps, float height, float width) {
        Npz arrays = Npz.read(file);
        check(file, arrays);
        NpyArray text = arrays.get("text");
        int rank = text.shape().size();
        if (rank < 2) {
            throw new IllegalArgumentException(
                    "The text in " + file + " has the shape " + text.shape() + "; expected [batch, length, channels]");
        }
        int length = Math.toIntExact(text.shape().get(rank - 2));
        int channels = Math.toIntExact(text.shape().get(rank - 1));
        int prompts = length * channels == 0 ? 0 : text.size() / (length * channels);
        return new Conditioning(
                        prompts,
                        length,
                        channels,
                        text.floats(),
                        arrays.find("nothing")
                                .map(NpyArray::floats)
                                .map(one -> one.length == length * channels ? Conditioning.repeated(one, prompts) : one)
                                .orElseGet(() -> new float[text.size()]),
                        arrays.find("mask").map(NpyArray::longs).orElse(null),
                        arrays.find("fps")
                                .map(NpyArray::floats)
                                .map(values -> values[0])
                                .orElse(fps),
                        height,
                        width)
                .with(new Picture(numbers(arrays, "picture"), numbers(arrays, "image")));
    }

    private static void check(Path file, Npz arrays) {
        for (String name : arrays.names()) {
            if (!KNOWN.contains(name)) {
                throw new IllegalArgumentException(
                        file + " holds an array '" + name + "', which means nothing here; known: " + KNOWN);
            }
            if (!NotFinite.isFinite(arrays.get(name).floats())) {
                throw new IllegalArgumentException(
                        "The array '" + name + "' in " + file + " holds NaN or infinity; write it anew");
            }
        }
    }

    private static float[] numbers(Npz arrays, String name) {
        return arrays.find(name).map(NpyArray::floats).orElseGet(() -> new float[0]);
    }
}
