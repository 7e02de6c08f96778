package io.adacache.bench.sampler;

import org.jspecify.annotations.Nullable;

/**
 * Euler steps along the flow from noise to clean over shifted noise levels, as diffusers' {@code FlowMatchEulerDiscreteScheduler}
 * makes them. Immutable.
 */
public final class FlowEuler implements Sampler {
    private final float[] levels;
    private final PredictionType prediction;

    /**
     * Creates a sampler.
     *
     * @param steps 1 or more
     * @param shift above 0; 1 leaves the levels even
     */
    public FlowEuler(int steps, float shift, PredictionType prediction) {
        this.levels = FlowLevels.euler(steps, shift);
        this.prediction = prediction;
    }

    @Override
    public String name() {
        return "flow-euler";
    }

    @Override
    public float[] timesteps() {
        float[] timesteps = new float[levels.length - 1];
        for (int i = 0; i < timesteps.length; i++) {
            timesteps[i] = levels[i] * FlowLevels.TOP;
        }
        return timesteps;
    }

    @Override
    public Run begin(float[] first, NoiseSource noise) {
        return new LatentRun(first, levels.length - 1) {
            @Override
            void advance(int call, float[] predicted, float @Nullable [] variance) {
                float[] next = latent().clone();
                float way = levels[call] - levels[call + 1];
                for (int i = 0; i < next.length; i++) {
                    next[i] += prediction.velocity(predicted[i], next[i], levels[call]) * way;
                }
                become(next);
            }
        };
    }
}
