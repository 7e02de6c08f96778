package io.adacache.bench.pipeline;

import ai.djl.ndarray.NDArray;
import io.adacache.CacheSession;
import io.adacache.bench.sampler.Gains;
import io.adacache.bench.sampler.LatentShape;
import io.adacache.bench.sampler.NoiseSource;
import io.adacache.bench.sampler.Sampler;
import io.adacache.djl.TorchScriptTransformer;
import io.adacache.policy.CachePolicy;
import io.adacache.policy.Generation;
import io.adacache.tune.Recording;
import io.adacache.tune.Recording.Recorder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntConsumer;
import java.util.function.UnaryOperator;

/**
 * From noise to a latent, for any model file: inputs, guidance and variance as the manifest says. The same conditioning and noise
 * begin alike under every policy. Borrows the model. Thread-safe.
 */
public final class Pipeline {
    private final TorchScriptTransformer model;
    private final Sampler sampler;
    private final GuidanceMode guidance;
    private final float scale;
    private final LatentShape latent;

    /**
     * Creates a pipeline.
     *
     * @param guidance how the halves are called; a model whose manifest knows no guidance is called without
     * @param scale of the guidance
     * @param latent sizes of the latent
     */
    public Pipeline(
            TorchScriptTransformer model, Sampler sampler, GuidanceMode guidance, float scale, LatentShape latent) {
        this.model = model;
        this.sampler = sampler;
        this.guidance = model.manifest().guidance().order().equals("none") ? GuidanceMode.NONE : guidance;
        this.scale = scale;
        this.latent = latent;
    }

    /** Returns the sampler. */
    public Sampler sampler() {
        return sampler;
    }

    /** Returns how guidance is called. */
    public GuidanceMode guidance() {
        return guidance;
    }

    /** Returns the scale of the guidance. */
    public float scale() {
        return scale;
    }

    /** Returns how many calls of the model a generation makes: what a session counts as steps. */
    public int calls() {
        return sampler.calls();
    }

    /**
     * Returns the policy that a text describes, with this model's own settings where the text has none.
     *
     * @throws IllegalArgumentException if name or settings are unknown
     */
    public CachePolicy policy(String text) {
        return model.policy(text, sampler.calls());
    }

    /**
     * Checks that a policy goes with this model and sampler.
     *
     * @throws IllegalArgumentException if not; the message says why
     */
    public void check(CachePolicy policy) {
        policy.check(model.layout(), generation(), "");
        policy.begin(model.layout(), generation());
    }

    /** Returns how many floating point operations a generation takes. */
    public FlopCount flops(Conditioning conditioning) {
        return new FlopCount(
                model.manifest(),
                latent,
                conditioning.length(),
                guidance,
                generation().branches());
    }

    /** Returns what the model's file says of prompts and pixels, if it does. */
    public Optional<DemoSettings> settings() {
        return DemoSettings.has(model.manifest()) ? Optional.of(DemoSettings.of(model.manifest())) : Optional.empty();
    }

    /** Returns what makes clips of this pipeline's latents. */
    public Decoder decoder() {
        return Decoder.of(model.manifest(), latent);
    }

    /** Returns the sizes of the latents in the model's order. */
    public long[] latentSizes() {
        return StepInputs.latentSizes(
                model.manifest().inputs().get(model.manifest().indexOf("latent")), latent);
    }

    /**
     * Denoises.
     *
     * @param noise the first latent comes from it, and what the sampler adds on the way
     * @param progress hears the number of each call (from 1) as it begins
     * @throws NotFinite if the latent is no numbers
     */
    public Denoised denoise(Conditioning conditioning, CachePolicy policy, NoiseSource noise, IntConsumer progress) {
        return denoise(conditioning, policy, noise, progress, settings -> settings);
    }

    /**
     * Denoises, with further settings of the session.
     *
     * @param settings what the session is told beside policy and generation
     * @throws NotFinite if the latent is no numbers
     */
    public Denoised denoise(
            Conditioning conditioning,
            CachePolicy policy,
            NoiseSource noise,
            IntConsumer progress,
            UnaryOperator<CacheSession.Builder<NDArray>> settings) {
        return attempt(conditioning, policy, noise, progress, settings).checked();
    }

    /** Denoises, and returns whatever comes of it, also NaN. */
    public Denoised attempt(
            Conditioning conditioning,
            CachePolicy policy,
            NoiseSource noise,
            IntConsumer progress,
            UnaryOperator<CacheSession.Builder<NDArray>> settings) {
        CacheSession.Builder<NDArray> builder = model.session()
                .facts(facts())
                .policy(policy)
                .steps(sampler.calls())
                .timesteps(generation().timesteps())
                .gains(generation().gains())
                .branches(generation().branches().toArray(String[]::new));
        try (CacheSession<NDArray> session = settings.apply(builder).begin()) {
            long begin = System.nanoTime();
            float[] last = run(Calls.of(session), conditioning, noise, progress);
            return new Denoised(last, (System.nanoTime() - begin) / 1e6, session.stats(), session.trace());
        }
    }

    /**
     * Denoises with a session that somebody else has begun, and closes.
     *
     * @param noise as for {@link #denoise(Conditioning, CachePolicy, NoiseSource, IntConsumer)}
     * @return the last latent
     * @throws NotFinite if it is no numbers
     */
    public float[] denoise(
            Conditioning conditioning, CacheSession<NDArray> session, NoiseSource noise, IntConsumer progress) {
        return NotFinite.check(run(Calls.of(session), conditioning, noise, progress));
    }

    /**
     * Denoises without caching and records what policies would measure.
     *
     * @param policies whose measures are recorded
     * @param noise as for {@link #denoise}
     * @param progress as for {@link #denoise}
     */
    public Recording record(
            Conditioning conditioning, List<CachePolicy> policies, NoiseSource noise, IntConsumer progress) {
        try (Recorder<NDArray> recorder = Recording.begin(model, generation(), policies)) {
            NotFinite.check(run(Calls.of(recorder), conditioning, noise, progress));
            return recorder.recording();
        }
    }

    private float[] run(Calls calls, Conditioning conditioning, NoiseSource noise, IntConsumer progress) {
        float[] timesteps = sampler.timesteps();
        Sampler.Run run = sampler.begin(noise.next(latent.size()), noise);
        try (GuidedDenoiser denoiser = new GuidedDenoiser(model, calls, guidance, scale, latent, conditioning)) {
            for (int call = 1; call <= timesteps.length; call++) {
                checkInterrupt(call);
                progress.accept(call);
                GuidedDenoiser.Guided guided = denoiser.guided(call, timesteps[call - 1], run.latent(), null);
                run.advance(guided.prediction(), guided.variance());
            }
        }
        return run.latent();
    }

    private void checkInterrupt(int call) {
        if (Thread.interrupted()) {
            throw new InterruptedGeneration("Interrupted before call " + call + " of " + sampler.calls());
        }
    }

    /** Returns what only this program knows of a generation, by name. */
    public Map<String, String> facts() {
        return Map.of("sampler", sampler.name(), "guidance", guidance + " " + scale);
    }

    /** Returns what a session is told: calls, not steps. */
    public Generation generation() {
        List<Double> levels = new ArrayList<>();
        for (float timestep : sampler.timesteps()) {
            levels.add((double) timestep);
        }
        List<String> branches = guidance == GuidanceMode.SEPARATE
                ? List.of(GuidedDenoiser.CONDITIONAL, GuidedDenoiser.UNCONDITIONAL)
                : List.of(Generation.SINGLE_BRANCH);
        return new Generation(sampler.calls(), branches, levels, Gains.of(sampler));
    }
}
