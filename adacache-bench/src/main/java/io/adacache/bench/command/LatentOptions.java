package io.adacache.bench.command;

import io.adacache.bench.pipeline.Conditioning;
import io.adacache.bench.pipeline.GuidanceMode;
import io.adacache.bench.pipeline.LatentPipeline;
import io.adacache.bench.pipeline.Recipe;
import io.adacache.bench.sampler.LatentShape;
import io.adacache.bench.sampler.Noise;
import io.adacache.djl.InputSpec;
import io.adacache.djl.Manifest;
import io.adacache.djl.TorchScriptTransformer;
import io.adacache.djl.npz.NpyArray;
import io.adacache.djl.npz.Npz;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What generations of latents have in common, for any model file. */
final class LatentOptions {
    private static final int PIXELS_PER_LATENT = 8;

    @Option(names = "--frames", paramLabel = "F", description = "latent frames (default: the model's, or 8)")
    private @Nullable Integer frames;

    @Option(names = "--height", paramLabel = "H", description = "latent rows (default: the model's, or 8)")
    private @Nullable Integer height;

    @Option(names = "--width", paramLabel = "W", description = "latent columns (default: the model's, or 8)")
    private @Nullable Integer width;

    @Option(names = "--batch", defaultValue = "1", paramLabel = "B", description = "clips at once (default: 1)")
    private int batch = 1;

    @Option(
            names = "--text",
            defaultValue = "12",
            paramLabel = "L",
            description = "length of the made-up text (default: ${DEFAULT-VALUE})")
    private int text;

    @Option(
            names = "--conditioning",
            paramLabel = "FILE.npz",
            description =
                    "text instead of made-up text: arrays text and nothing [batch, length, channels], perhaps mask"
                            + " [batch, length] and fps")
    private @Nullable Path conditioning;

    @Option(
            names = "--prompt",
            description =
                    "words instead of made-up text, for a model file that carries its vocabulary; repeatable, one after"
                            + " another for several generations")
    private List<String> prompts = new ArrayList<>();

    @Option(names = "--fps", defaultValue = "24", description = "frames per second (default: 24)")
    private float fps;

    @Option(
            names = "--sampler",
            description =
                    "rectified-flow, rectified-flow-transformed, ddim, ddim-even, pndm, ddpm (default: as published)")
    private @Nullable String sampler;

    @Option(names = "--steps", paramLabel = "N", description = "steps of the sampler (default: as published)")
    private @Nullable Integer steps;

    @Option(
            names = "--guidance",
            defaultValue = "BATCHED",
            description = "batched: both halves in one call; separate: two calls per step; none (default: batched)")
    private GuidanceMode guidance = GuidanceMode.BATCHED;

    @Option(names = "--scale", paramLabel = "S", description = "scale of the guidance (default: as published)")
    private @Nullable Float scale;

    @Option(names = "--seed", paramLabel = "S", defaultValue = "1", description = "seed of the noise (default: 1)")
    long seed;

    /** Returns the sizes of the latent: as given, as the file has fixed them, or small. */
    LatentShape latent(Manifest manifest) {
        InputSpec spec = manifest.inputs().get(manifest.indexOf("latent"));
        int channels = spec.shape().stream()
                .filter(size -> Character.isDigit(size.charAt(0)))
                .mapToInt(Integer::parseInt)
                .findFirst()
                .orElseThrow(
                        () -> new IllegalArgumentException("The manifest gives no channels of the latent: " + spec));
        return new LatentShape(
                batch,
                channels,
                size(frames, "frames", manifest),
                size(height, "height", manifest),
                size(width, "width", manifest));
    }

    private static int size(@Nullable Integer given, String name, Manifest manifest) {
        return given != null ? given : manifest.sizes().getOrDefault(name, PIXELS_PER_LATENT);
    }

    /** Makes the pipeline. */
    LatentPipeline pipeline(TorchScriptTransformer model) {
        Manifest manifest = model.manifest();
        LatentShape latent = latent(manifest);
        Recipe recipe = Recipe.of(manifest);
        recipe = sampler == null ? recipe : recipe.with(sampler);
        recipe = steps == null ? recipe : recipe.with(steps);
        float factor = scale != null ? scale : (float) manifest.guidance().scale();
        return new LatentPipeline(
                model,
                recipe.make(manifest, latent, pixels(latent.height()), pixels(latent.width())),
                guidance,
                factor,
                latent);
    }

    private static float pixels(int latents) {
        return (float) latents * PIXELS_PER_LATENT;
    }

    /**
     * Returns the conditioning: of a prompt, read from the file, or made up from the seed.
     *
     * @param generation from 0; the next prompt, other made-up text
     */
    Conditioning conditioning(Manifest manifest, int generation) {
        LatentShape latent = latent(manifest);
        float rows = pixels(latent.height());
        float columns = pixels(latent.width());
        if (!prompts.isEmpty()) {
            return Conditioning.ofPrompt(manifest, prompts.get(generation % prompts.size()));
        }
        if (conditioning == null) {
            return Conditioning.madeUp(manifest, batch, text, new Noise(~(seed + generation)), fps, rows, columns);
        }
        Npz arrays = Npz.read(conditioning);
        NpyArray prompts = arrays.get("text");
        int rank = prompts.shape().size();
        if (rank < 2) {
            throw new IllegalArgumentException("The text in " + conditioning + " has the shape " + prompts.shape()
                    + "; expected [batch, length, channels]");
        }
        int length = Math.toIntExact(prompts.shape().get(rank - 2));
        int channels = Math.toIntExact(prompts.shape().get(rank - 1));
        Optional<float[]> nothing = arrays.find("nothing").map(NpyArray::floats);
        return new Conditioning(
                batch,
                length,
                channels,
                prompts.floats(),
                nothing.orElseGet(() -> zeros(prompts.size())),
                arrays.find("mask").map(NpyArray::longs).orElse(null),
                arrays.find("fps")
                        .map(NpyArray::floats)
                        .map(values -> values[0])
                        .orElse(fps),
                rows,
                columns);
    }

    private static float[] zeros(int count) {
        float[] zeros = new float[count];
        Arrays.fill(zeros, 0);
        return zeros;
    }
}
