package io.adacache.bench.sampler;

import org.jspecify.annotations.Nullable;

/**
 * Ancestral sampling over a part of the timesteps, for a model that predicts the noise: the sampler of class-conditional Latte. The
 * model's second half of channels says where the variance lies between its bounds, on a logarithmic scale; without it the upper
 * bound is taken. Nothing is clipped, and no noise is added at the last call.
 *
 * <p>Sources: Ho et al. (arXiv 2006.11239), equation 7; Nichol and Dhariwal (arXiv 2102.09672), equation 15; Latte's
 * {@code diffusion/gaussian_diffusion.py}.
 */
public final class Ddpm implements Sampler {
    private final NoiseLevels levels;
    private final int[] timesteps;

    /**
     * Creates a sampler over evenly spaced timesteps.
     *
     * @param steps 2..1000, 250 in Latte
     */
    public Ddpm(int steps) {
        if (steps < 2) {
            throw new IllegalArgumentException("DDPM takes 2 steps or more, but got " + steps);
        }
        this.levels = NoiseLevels.linear();
        this.timesteps = NoiseLevels.even(steps);
    }

    @Override
    public String name() {
        return "ddpm";
    }

    @Override
    public float[] timesteps() {
        return LatentRun.floats(timesteps);
    }

    @Override
    public boolean usesVariance() {
        return true;
    }

    @Override
    public Run begin(float[] first, NoiseSource noise) {
        return new LatentRun(first, timesteps.length) {
            @Override
            void advance(int call, float[] prediction, float @Nullable [] variance) {
                double now = levels.kept(timesteps[call]);
                double next = next(call);
                double beta = 1 - now / next;
                double scale = 1 / Math.sqrt(1 - beta);
                mix(scale, -scale * beta / Math.sqrt(1 - now), prediction);
                if (call + 1 < timesteps.length) {
                    addNoise(beta, beta * (1 - next) / (1 - now), noise.next(prediction.length), variance);
                }
            }

            private void addNoise(double most, double least, float[] random, float @Nullable [] variance) {
                float[] noised = new float[random.length];
                for (int i = 0; i < noised.length; i++) {
                    double share = variance == null ? 1 : (variance[i] + 1) / 2;
                    double deviation = Math.exp((share * Math.log(most) + (1 - share) * Math.log(least)) / 2);
                    noised[i] = (float) (latent()[i] + deviation * random[i]);
                }
                become(noised);
            }
        };
    }

    private double next(int call) {
        return call + 1 < timesteps.length ? levels.kept(timesteps[call + 1]) : 1;
    }
}
