package io.adacache.bench.sampler;

import org.jspecify.annotations.Nullable;

/**
 * DDIM without added noise (eta 0), for a model that predicts the noise: the clean latent that follows from the prediction, noised
 * anew to the next level with the predicted noise. The last call ends at the clean latent itself. Nothing is clipped.
 *
 * <p>Source: Song et al., <em>Denoising Diffusion Implicit Models</em> (arXiv 2010.02502), equation 12.
 */
public final class Ddim implements Sampler {
    private final NoiseLevels levels;
    private final int[] timesteps;

    /**
     * Creates a sampler.
     *
     * @param timesteps descending
     */
    public Ddim(NoiseLevels levels, int[] timesteps) {
        this.levels = levels;
        this.timesteps = timesteps.clone();
    }

    /** Returns the sampler of Latte's text-to-video pipeline (50 steps there): timesteps as diffusers' DDIMScheduler has them. */
    public static Ddim leading(int steps) {
        return new Ddim(NoiseLevels.linear(), NoiseLevels.leading(steps));
    }

    /** Returns the sampler of class-conditional Latte with {@code sample_method: ddim}. */
    public static Ddim even(int steps) {
        return new Ddim(NoiseLevels.linear(), NoiseLevels.even(steps));
    }

    @Override
    public String name() {
        return "ddim";
    }

    @Override
    public float[] timesteps() {
        return LatentRun.floats(timesteps);
    }

    @Override
    public Run begin(float[] first, NoiseSource noise) {
        return new LatentRun(first, timesteps.length) {
            @Override
            void advance(int call, float[] prediction, float @Nullable [] variance) {
                double now = levels.kept(timesteps[call]);
                double next = call + 1 < timesteps.length ? levels.kept(timesteps[call + 1]) : 1;
                double scale = Math.sqrt(next / now);
                mix(scale, Math.sqrt(1 - next) - scale * Math.sqrt(1 - now), prediction);
            }
        };
    }
}
