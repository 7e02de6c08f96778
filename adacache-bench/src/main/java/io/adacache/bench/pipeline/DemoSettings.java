package io.adacache.bench.pipeline;

import io.adacache.bench.sampler.LatentShape;
import io.adacache.djl.Manifest;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a model file says of the pipeline around it (the manifest's {@code pipeline}).
 *
 * @param latent sizes of the latent, which is the clip in pixels
 * @param fps frames per second
 * @param guidance scale of the guidance
 * @param vocabulary words of a prompt
 * @param nullPrompt {@code [tokens, channels]}
 */
public record DemoSettings(LatentShape latent, float fps, float guidance, Vocabulary vocabulary, float[][] nullPrompt) {
    /** Whether a model file carries any. */
    public static boolean has(Manifest manifest) {
        return !pipeline(manifest).isEmpty();
    }

    private static Map<?, ?> pipeline(Manifest manifest) {
        return manifest.details().get("pipeline") instanceof Map<?, ?> given ? given : Map.of();
    }

    /**
     * Reads them.
     *
     * @throws IllegalArgumentException if the file carries none, or they lack something
     */
    public static DemoSettings of(Manifest manifest) {
        Map<?, ?> json = pipeline(manifest);
        if (json.isEmpty()) {
            throw new IllegalArgumentException(
                    "The model '" + manifest.name() + "' carries no pipeline (how words become"
                            + " text tokens and latents become pixels), so it cannot be prompted; use the demo model, give text with --conditioning"
                            + " FILE.npz, or measure this one on made-up text: name its sizes with --frames, --height and --width");
        }
        try {
            return new DemoSettings(
                    new LatentShape(1, 3, count(json, "frames"), count(json, "height"), count(json, "width")),
                    number(json, "fps").floatValue(),
                    number(json, "guidance").floatValue(),
                    new Vocabulary(
                            strings(field(json, "vocabulary")),
                            strings(field(json, "fillers")),
                            count(json, "max_tokens"),
                            parts(json.get("parts"))),
                    rows(field(json, "null_prompt")));
        } catch (NullPointerException | ClassCastException e) {
            throw new IllegalArgumentException(
                    "The pipeline in the manifest of '" + manifest.name() + "' is not one that this program knows: "
                            + json.keySet()
                            + "; it needs frames, height, width, fps, guidance, vocabulary, fillers, max_tokens and null_prompt",
                    e);
        }
    }

    /**
     * Returns what a prompt means to the model.
     *
     * @throws IllegalArgumentException if the model does not know a word
     */
    public Conditioning conditioning(String prompt) {
        List<List<Integer>> hot =
                vocabulary.tokens(prompt).stream().map(vocabulary::hot).toList();
        return Conditioning.oneHot(hot, nullPrompt, fps, latent.height(), latent.width());
    }

    private static Object field(Map<?, ?> json, String name) {
        return Objects.requireNonNull(json.get(name), name);
    }

    private static Number number(Map<?, ?> json, String name) {
        return (Number) field(json, name);
    }

    private static int count(Map<?, ?> json, String name) {
        return number(json, name).intValue();
    }

    private static List<String> strings(Object list) {
        return ((List<?>) list).stream().map(String.class::cast).toList();
    }

    private static Map<String, Integer> parts(@Nullable Object json) {
        Map<String, Integer> parts = new TreeMap<>();
        if (json instanceof Map<?, ?> given) {
            given.forEach((word, part) -> parts.put((String) word, ((Number) part).intValue()));
        }
        return parts;
    }

    private static float[][] rows(Object list) {
        return ((List<?>) list).stream().map(DemoSettings::row).toArray(float[][]::new);
    }

    private static float[] row(Object list) {
        List<?> numbers = (List<?>) list;
        float[] row = new float[numbers.size()];
        for (int k = 0; k < row.length; k++) {
            row[k] = ((Number) numbers.get(k)).floatValue();
        }
        return row;
    }
}
