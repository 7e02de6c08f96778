package io.adacache.bench.pipeline;

import ai.djl.ndarray.NDArray;
import io.adacache.CacheSession;
import io.adacache.bench.sampler.Noise;
import io.adacache.bench.sampler.PredictionType;
import io.adacache.bench.sampler.RectifiedFlow;
import io.adacache.bench.sampler.Timesteps;
import io.adacache.djl.TorchScriptTransformer;
import io.adacache.policy.CachePolicy;
import io.adacache.policy.Generation;
import io.adacache.replay.Recorder;
import io.adacache.replay.Recording;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;

/**
 * From a prompt to a clip. Model files that carry what is needed for that (the demo model) can be prompted; others can be measured.
 *
 * <p>The same prompt, seed and number of steps begin with the same noise under every policy. Borrows the model. Thread-safe.
 */
public final class Pipeline {
    private final TorchScriptTransformer model;
    private final Surroundings surroundings;
    private final GuidanceMode guidance;

    private Pipeline(TorchScriptTransformer model, GuidanceMode guidance, Surroundings surroundings) {
        this.model = model;
        this.surroundings = surroundings;
        this.guidance = guidance;
        PredictionType.of(model.manifest().prediction().type());
    }

    /**
     * Creates a pipeline.
     *
     * @throws IllegalArgumentException if the model's file does not describe one
     */
    public Pipeline(TorchScriptTransformer model, GuidanceMode guidance) {
        this(model, guidance, DemoSettings.of(model.manifest()));
    }

    /**
     * Returns a pipeline for a model that brings none, to measure it on made-up text.
     *
     * @param frames latent frames
     * @param height latent rows
     * @param width latent columns
     */
    public static Pipeline madeUp(
            TorchScriptTransformer model, GuidanceMode guidance, int frames, int height, int width) {
        return new Pipeline(model, guidance, MadeUp.of(model.manifest(), frames, height, width));
    }

    /** Returns the frames per second of its clips. */
    public double fps() {
        return surroundings.fps();
    }

    /** Returns how guidance is called. */
    public GuidanceMode guidance() {
        return guidance;
    }

    /** Returns the scale of the guidance. */
    public float guidanceScale() {
        return surroundings.guidance();
    }

    /** Throws {@link IllegalArgumentException} if the model does not know a word of the prompt. */
    public void check(String prompt) {
        surroundings.conditioning(prompt);
    }

    /**
     * Returns the policy that a text describes, with this model's own settings where the text has none.
     *
     * @throws IllegalArgumentException if name or settings are unknown
     */
    public CachePolicy policy(String text, int steps) {
        return model.policy(text, steps);
    }

    /**
     * Generates a clip.
     *
     * @param steps number of steps
     * @param policy what is computed and what is reused
     * @param progress hears the number of each step (from 1) as it begins
     */
    public Generated generate(String prompt, long seed, int steps, CachePolicy policy, IntConsumer progress) {
        Conditioning conditioning = surroundings.conditioning(prompt);
        float[] timesteps = Timesteps.linear(steps);
        RectifiedFlow sampler = new RectifiedFlow(
                timesteps, PredictionType.of(model.manifest().prediction().type()), surroundings.latent());
        float[] noise = new Noise(seed).next(surroundings.latent().size());
        try (CacheSession<NDArray> session = begin(policy, timesteps);
                GuidedDenoiser denoiser = new GuidedDenoiser(
                        model, session, guidance, surroundings.guidance(), surroundings.latent(), conditioning)) {
            long begin = System.nanoTime();
            float[] latent = sampler.run(noise, denoiser, (step, z) -> progress.accept(step));
            double millis = (System.nanoTime() - begin) / 1e6;
            return new Generated(surroundings.decode(latent), millis, session.stats(), session.trace());
        }
    }

    private static List<Double> levels(float[] timesteps) {
        List<Double> levels = new ArrayList<>();
        for (float timestep : timesteps) {
            levels.add((double) timestep);
        }
        return levels;
    }

    private CacheSession<NDArray> begin(CachePolicy policy, float[] timesteps) {
        CacheSession.Builder<NDArray> builder =
                model.session().policy(policy).steps(timesteps.length).timesteps(levels(timesteps));
        return guidance != GuidanceMode.SEPARATE
                ? builder.begin()
                : builder.branches(GuidedDenoiser.CONDITIONAL, GuidedDenoiser.UNCONDITIONAL)
                        .begin();
    }

    /**
     * Generates a clip uncached, and records all that some policies measure, between all pairs of steps.
     *
     * @param policies what they measure is recorded
     * @param progress hears the number of each step (from 1) as it begins
     */
    public Recording record(String prompt, long seed, int steps, List<CachePolicy> policies, IntConsumer progress) {
        float[] timesteps = Timesteps.linear(steps);
        Generation generation = new Generation(steps, branches(), levels(timesteps));
        RectifiedFlow sampler = new RectifiedFlow(
                timesteps, PredictionType.of(model.manifest().prediction().type()), surroundings.latent());
        float[] noise = new Noise(seed).next(surroundings.latent().size());
        try (Recorder<NDArray> recorder = Recorder.begin(model, generation, policies);
                GuidedDenoiser denoiser = new GuidedDenoiser(
                        model,
                        Calls.of(recorder),
                        guidance,
                        surroundings.guidance(),
                        surroundings.latent(),
                        surroundings.conditioning(prompt))) {
            sampler.run(noise, denoiser, (step, z) -> progress.accept(step));
            return recorder.recording();
        }
    }

    private List<String> branches() {
        return guidance == GuidanceMode.SEPARATE
                ? List.of(GuidedDenoiser.CONDITIONAL, GuidedDenoiser.UNCONDITIONAL)
                : List.of(Generation.SINGLE_BRANCH);
    }

    /** Returns how many floating point operations a model call on a clip takes, part by part. */
    public FlopCount flops(String prompt) {
        return new FlopCount(
                model.manifest(),
                surroundings.latent(),
                surroundings.conditioning(prompt).length(),
                guidance,
                branches());
    }
}
