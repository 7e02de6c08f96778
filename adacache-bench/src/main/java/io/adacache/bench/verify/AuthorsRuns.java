package io.adacache.bench.verify;

import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.adacache.bench.files.InputFile;
import io.adacache.bench.pipeline.Conditioning;
import io.adacache.bench.sampler.LatentShape;
import io.adacache.djl.npz.NpyArray;
import io.adacache.djl.npz.Npz;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Whole generations of the authors' code: {@code NAME.json} with settings and decisions, {@code NAME.npz} with latents. One or
 * several generations in a row, of which each found what the one before left behind.
 *
 * @param name of the recording
 * @param config its settings
 * @param shape of the latent
 * @param mask {@code [batch, frames]}, 1 = generate; null without
 * @param runs the generations in order
 */
public record AuthorsRuns(
        String name, RecordedConfig config, LatentShape shape, float @Nullable [] mask, List<RecordedRun> runs) {

    /**
     * Reads a recording.
     *
     * @param path of either file, or of both without suffix
     * @throws IllegalArgumentException if a file is missing or holds something else
     */
    public static AuthorsRuns read(Path path) {
        String name = path.getFileName().toString().replaceAll("\\.(json|npz)$", "");
        JsonNode json = readJson(path.resolveSibling(name + ".json"));
        Npz arrays = Npz.read(path.resolveSibling(name + ".npz"));
        JsonNode generations = json.path("runs");
        if (!generations.isArray()
                || generations.isEmpty()
                || !json.path("config").isObject()) {
            throw new IllegalArgumentException(
                    path.resolveSibling(name + ".json") + " is no recording: it needs 'config' and 'runs'");
        }
        LatentShape shape = shape(arrays.get("z0_0"));
        List<RecordedRun> runs = new ArrayList<>();
        for (int i = 0; i < generations.size(); i++) {
            runs.add(RecordedRun.of(
                    generations.get(i), latent(arrays, "z0_" + i, shape), latent(arrays, "final_" + i, shape)));
        }
        float[] mask = arrays.find("mask").map(NpyArray::floats).orElse(null);
        return new AuthorsRuns(name, new RecordedConfig(json.get("config")), shape, mask, runs);
    }

    private static JsonNode readJson(Path file) {
        String text = InputFile.text(file);
        try {
            return JsonMapper.builder()
                    .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
                    .build()
                    .readTree(text);
        } catch (IOException e) {
            throw new IllegalArgumentException(
                    file + " is no JSON: "
                            + String.valueOf(e.getMessage()).lines().findFirst().orElse(""),
                    e);
        }
    }

    private static LatentShape shape(NpyArray latent) {
        List<Long> sizes = latent.shape();
        if (sizes.size() != 5) {
            throw new IllegalArgumentException(
                    "A recorded latent has five dimensions (batch, channels, frames, height, width), but z0_0 has "
                            + sizes);
        }
        int[] s = sizes.stream().mapToInt(Math::toIntExact).toArray();
        return new LatentShape(s[0], s[1], s[2], s[3], s[4]);
    }

    private static float[] latent(Npz arrays, String name, LatentShape shape) {
        NpyArray array = arrays.get(name);
        if (!shape(array).equals(shape)) {
            throw new IllegalArgumentException(
                    "The recorded latent " + name + " has the shape " + array.shape() + ", but z0_0 has " + shape);
        }
        return array.floats();
    }

    /**
     * Reads what the recorded generations were conditioned on.
     *
     * @param file with {@code y} {@code [2 batch, 1, tokens, channels]} (prompts, then null prompts) and perhaps {@code mask}
     *     {@code [batch, tokens]} and {@code fps}
     */
    Conditioning conditioning(Path file) {
        Npz arrays = Npz.read(file);
        NpyArray y = arrays.get("y");
        List<Long> sizes = y.shape();
        int dimensions = sizes.size();
        if (dimensions < 3 || sizes.get(0) != 2L * shape.batch()) {
            throw new IllegalArgumentException("The text 'y' in " + file + " has the shape " + sizes + "; expected ["
                    + 2 * shape.batch() + ", 1, tokens, channels]: prompts, then null prompts");
        }
        float[] text = y.floats();
        int half = text.length / 2;
        float fps = config.json().has("fps")
                ? config.json().get("fps").floatValue()
                : arrays.get("fps").floats()[0];
        return new Conditioning(
                shape.batch(),
                Math.toIntExact(sizes.get(dimensions - 2)),
                Math.toIntExact(sizes.get(dimensions - 1)),
                Arrays.copyOf(text, half),
                Arrays.copyOfRange(text, half, text.length),
                arrays.find("mask").map(NpyArray::longs).orElse(null),
                fps,
                config.height(),
                config.width());
    }
}
