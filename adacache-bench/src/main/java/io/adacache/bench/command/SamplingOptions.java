package io.adacache.bench.command;

import io.adacache.bench.pipeline.GuidanceMode;
import io.adacache.bench.pipeline.Pipeline;
import io.adacache.bench.pipeline.Recipe;
import io.adacache.bench.pipeline.Sampling;
import io.adacache.bench.sampler.LatentShape;
import io.adacache.djl.Manifest;
import io.adacache.djl.TorchScriptTransformer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How noise becomes a latent. */
final class SamplingOptions {
    @Option(
            names = "--sampler",
            description =
                    "rectified-flow, rectified-flow-transformed, flow-euler, flow-unipc, ddim, ddim-even, pndm, ddpm (default: as"
                            + " published)")
    private @Nullable String sampler;

    @Option(
            names = "--steps",
            paramLabel = "N",
            split = ",",
            description = "steps of the sampler (default: as published); 'compare' takes several, as 30,50")
    private List<Integer> steps = new ArrayList<>();

    @Option(
            names = "--shift",
            paramLabel = "S",
            description = "of the noise levels, for flow-euler and flow-unipc (default: as published, or 1)")
    private @Nullable Float shift;

    @Option(
            names = "--guidance",
            description =
                    "batched: both halves in one call; separate: two calls per step; none (default: as the model says, or batched)")
    private @Nullable GuidanceMode guidance;

    @Option(names = "--scale", paramLabel = "S", description = "scale of the guidance (default: as published)")
    private @Nullable Float scale;

    @Option(names = "--seed", paramLabel = "S", defaultValue = "1", description = "seed of the noise (default: 1)")
    private long seed = 1;

    /** Returns the seed of the first generation; the next ones count on from it. */
    long seed() {
        return seed;
    }

    /** Throws if a number is none, before a model is loaded. */
    void check() {
        steps.forEach(number -> Ranges.check("--steps", number, Ranges.STEPS));
        finite("--scale", scale);
        finite("--shift", shift);
    }

    private static void finite(String option, @Nullable Float value) {
        if (value != null && !Float.isFinite(value)) {
            throw new IllegalArgumentException(option + " is a number, but got " + value);
        }
    }

    /** Returns one pipeline. */
    Pipeline pipeline(TorchScriptTransformer model, LatentShape latent) {
        if (steps.size() > 1) {
            throw new IllegalArgumentException("--steps is one number here, but got " + steps);
        }
        return pipelines(model, latent).get(0);
    }

    /** Returns a pipeline for each number of steps. */
    List<Pipeline> pipelines(TorchScriptTransformer model, LatentShape latent) {
        check();
        Manifest manifest = model.manifest();
        Recipe recipe = recipe(manifest);
        GuidanceMode calls = guidance != null ? guidance : Sampling.of(manifest).calls();
        checkGuidance(manifest, calls);
        List<Integer> numbers = steps.isEmpty() ? List.of(recipe.steps()) : steps;
        return numbers.stream()
                .map(number -> pipeline(model, latent, recipe.with(number)))
                .toList();
    }

    /** Returns the pipeline with as many steps as make so many calls at most. */
    Pipeline pipeline(TorchScriptTransformer model, LatentShape latent, int calls) {
        Recipe recipe = recipe(model.manifest());
        Pipeline pipeline = pipeline(model, latent, recipe.with(calls));
        for (int fewer = calls - 1; fewer > 0 && pipeline.calls() > calls; fewer--) {
            pipeline = pipeline(model, latent, recipe.with(fewer));
        }
        return pipeline;
    }

    private Pipeline pipeline(TorchScriptTransformer model, LatentShape latent, Recipe recipe) {
        Manifest manifest = model.manifest();
        return new Pipeline(
                model,
                recipe.make(manifest, latent, latent.pixelRows(), latent.pixelColumns()),
                guidance != null ? guidance : Sampling.of(manifest).calls(),
                scale != null ? scale : (float) manifest.guidance().scale(),
                latent);
    }

    private void checkGuidance(Manifest manifest, GuidanceMode calls) {
        boolean knows = !manifest.guidance().order().equals(Manifest.Guidance.NONE.order());
        if (guidance != null && guidance != GuidanceMode.NONE && !knows) {
            throw new IllegalArgumentException(
                    "--guidance does nothing for '" + manifest.name()
                            + "': its manifest knows no guidance; 'manifest --guidance-order' says which half of a batch is which");
        }
        if (scale != null && (calls == GuidanceMode.NONE || !knows)) {
            throw new IllegalArgumentException("--scale does nothing without guidance"
                    + (knows ? "" : ", of which the manifest of '" + manifest.name() + "' knows nothing"));
        }
    }

    private Recipe recipe(Manifest manifest) {
        Recipe published = Recipe.of(manifest);
        Recipe chosen = sampler == null ? published : published.with(sampler);
        return shift == null ? chosen : chosen.shifted(shift);
    }
}
