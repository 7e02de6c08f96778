package io.adacache.bench.pipeline;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.adacache.bench.sampler.LatentShape;
import io.adacache.djl.Manifest;
import java.util.ArrayList;
import java.util.List;

/**
 * What a model file says of the pipeline around it (the manifest's {@code pipeline}).
 *
 * @param latent sizes of the latent, which is the clip in pixels
 * @param fps frames per second
 * @param guidance scale of the guidance
 * @param vocabulary words of a prompt
 * @param nullPrompt {@code [tokens, channels]}
 */
record DemoSettings(LatentShape latent, float fps, float guidance, Vocabulary vocabulary, float[][] nullPrompt)
        implements Surroundings {

    /**
     * Reads them.
     *
     * @throws IllegalArgumentException if the file carries none, or they lack something
     */
    static DemoSettings of(Manifest manifest) {
        JsonObject json = manifest.pipeline();
        if (json.size() == 0) {
            throw new IllegalArgumentException(
                    "The model '" + manifest.name() + "' carries no pipeline (how words become"
                            + " text tokens and latents become pixels), so it cannot be prompted; use the demo model, or measure this one on"
                            + " made-up text with --latent FRAMESxHEIGHTxWIDTH");
        }
        try {
            return new DemoSettings(
                    new LatentShape(1, 3, number(json, "frames"), number(json, "height"), number(json, "width")),
                    json.get("fps").getAsFloat(),
                    json.get("guidance").getAsFloat(),
                    new Vocabulary(
                            strings(json.getAsJsonArray("vocabulary")),
                            strings(json.getAsJsonArray("fillers")),
                            number(json, "max_tokens")),
                    rows(json.getAsJsonArray("null_prompt")));
        } catch (NullPointerException | ClassCastException | IllegalStateException | NumberFormatException e) {
            throw new IllegalArgumentException(
                    "The pipeline in the manifest of '" + manifest.name() + "' is not one that this program knows: "
                            + json.keySet()
                            + "; it needs frames, height, width, fps, guidance, vocabulary, fillers, max_tokens and null_prompt",
                    e);
        }
    }

    @Override
    public Conditioning conditioning(String prompt) {
        return Conditioning.oneHot(vocabulary.tokens(prompt), nullPrompt, fps, latent.height(), latent.width());
    }

    @Override
    public Clip decode(float[] values) {
        return Clip.ofLatent(values, latent.frames(), latent.height(), latent.width());
    }

    private static int number(JsonObject json, String name) {
        return json.get(name).getAsInt();
    }

    private static List<String> strings(JsonArray array) {
        List<String> strings = new ArrayList<>();
        array.forEach(element -> strings.add(element.getAsString()));
        return strings;
    }

    private static float[][] rows(JsonArray array) {
        float[][] rows = new float[array.size()][];
        for (int i = 0; i < rows.length; i++) {
            JsonArray row = array.get(i).getAsJsonArray();
            rows[i] = new float[row.size()];
            for (int k = 0; k < rows[i].length; k++) {
                rows[i][k] = row.get(k).getAsFloat();
            }
        }
        return rows;
    }
}
