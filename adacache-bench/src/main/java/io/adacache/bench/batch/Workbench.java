package io.adacache.bench.batch;

import io.adacache.bench.pipeline.Conditioning;
import io.adacache.bench.pipeline.ConditioningFile;
import io.adacache.bench.pipeline.Decoder;
import io.adacache.bench.pipeline.DemoSettings;
import io.adacache.bench.pipeline.Denoised;
import io.adacache.bench.pipeline.LatentSizes;
import io.adacache.bench.pipeline.Pipeline;
import io.adacache.bench.pipeline.Recipe;
import io.adacache.bench.pipeline.Sampling;
import io.adacache.bench.sampler.LatentShape;
import io.adacache.bench.sampler.Noise;
import io.adacache.djl.Manifest;
import io.adacache.djl.TorchScriptTransformer;
import io.adacache.policy.CachePolicy;
import java.nio.file.Path;

/** Makes the clip that a job asks for, with one model. */
final class Workbench {
    private static final float FPS = 24;

    private final TorchScriptTransformer model;
    private final String usualPolicy;

    Workbench(TorchScriptTransformer model, String usualPolicy) {
        this.model = model;
        this.usualPolicy = usualPolicy;
    }

    /**
     * A job, checked and ready to run.
     *
     * @param latentSizes in the model's order
     */
    record Prepared(Pipeline pipeline, CachePolicy policy, Conditioning conditioning, long seed, long[] latentSizes) {
        Denoised run() {
            return pipeline.denoise(conditioning, policy, new Noise(seed), call -> {});
        }

        Decoder decoder() {
            return pipeline.decoder();
        }
    }

    /** Throws {@link IllegalArgumentException} if the model cannot make what the job asks for; the message says why. */
    Prepared prepare(Job job) {
        Manifest manifest = model.manifest();
        LatentShape latent = LatentSizes.of(manifest, job.frames(), job.height(), job.width());
        float rows = latent.pixelRows();
        float columns = latent.pixelColumns();
        Recipe published = Recipe.of(manifest);
        Recipe recipe = job.steps() == null ? published : published.with(job.steps());
        Pipeline pipeline = new Pipeline(
                model,
                recipe.make(manifest, latent, rows, columns),
                Sampling.of(manifest).calls(),
                (float) manifest.guidance().scale(),
                latent);
        return new Prepared(
                pipeline,
                pipeline.policy(job.policy() == null ? usualPolicy : job.policy()),
                conditioning(manifest, job, rows, columns),
                job.seed(),
                pipeline.latentSizes());
    }

    private static Conditioning conditioning(Manifest manifest, Job job, float rows, float columns) {
        Path file = job.conditioning();
        if (file != null) {
            return ConditioningFile.read(file, FPS, rows, columns).forBatch(1);
        }
        if (!DemoSettings.has(manifest)) {
            throw new IllegalArgumentException("The model '" + manifest.name()
                    + "' carries no vocabulary, so it cannot be prompted: give the job a 'conditioning' file");
        }
        return DemoSettings.of(manifest).conditioning(String.valueOf(job.prompt()));
    }
}
