package io.adacache.bench.command;

import io.adacache.bench.pipeline.GuidanceMode;
import io.adacache.bench.pipeline.Pipeline;
import io.adacache.djl.TorchScriptTransformer;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What generations have in common. */
final class GenerationOptions {
    private static final Pattern SIZES = Pattern.compile("([1-9]\\d{0,4})x([1-9]\\d{0,4})x([1-9]\\d{0,4})");

    @Option(
            names = "--steps",
            paramLabel = "N",
            split = ",",
            description = "denoising steps (default: 30); 'compare' takes several, as 30,50")
    List<Integer> stepCounts = new ArrayList<>(List.of(30));

    @Option(names = "--seed", paramLabel = "S", defaultValue = "1", description = "seed of the noise (default: 1)")
    long seed;

    @Option(
            names = "--guidance",
            defaultValue = "BATCHED",
            description = "batched: both halves in one call; separate: two calls per step (default: batched)")
    GuidanceMode guidance = GuidanceMode.BATCHED;

    @Option(
            names = "--latent",
            paramLabel = "FxHxW",
            description =
                    "for a model without pipeline: frames, rows and columns of the latent; text is made up from the prompt,"
                            + " and the first three channels are shown")
    private @Nullable String latent;

    /** Returns the pipeline around a model. */
    Pipeline pipeline(TorchScriptTransformer model) {
        if (latent == null) {
            return new Pipeline(model, guidance);
        }
        Matcher sizes = SIZES.matcher(latent);
        if (!sizes.matches()) {
            throw new IllegalArgumentException(
                    "--latent is FRAMESxHEIGHTxWIDTH, for example 15x60x106, but got '" + latent + "'");
        }
        return Pipeline.madeUp(
                model,
                guidance,
                Integer.parseInt(sizes.group(1)),
                Integer.parseInt(sizes.group(2)),
                Integer.parseInt(sizes.group(3)));
    }

    /** Returns the number of steps. */
    int steps() {
        if (stepCounts.size() != 1) {
            throw new IllegalArgumentException("--steps is one number here, but got " + stepCounts);
        }
        return stepCounts.get(0);
    }

    /** Throws if a number of steps is none. */
    void check() {
        for (int steps : stepCounts) {
            if (steps < 1) {
                throw new IllegalArgumentException("--steps is 1 or more, but got " + steps);
            }
        }
    }
}
