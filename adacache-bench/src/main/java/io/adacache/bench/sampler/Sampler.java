package io.adacache.bench.sampler;

import org.jspecify.annotations.Nullable;

/**
 * A rule that makes a latent of noise by calling a model again and again. Immutable and thread-safe; a {@link Run} is the state of
 * one generation.
 *
 * <p>What a caching session counts as steps are the {@linkplain #calls() calls}, of which some samplers make more than they were
 * given steps.
 */
public interface Sampler {
    /** Returns a short name for reports, for example {@code ddim}. */
    String name();

    /** Returns the timestep that the model is given, for every call in order. */
    float[] timesteps();

    /** Returns the number of calls of the model. */
    default int calls() {
        return timesteps().length;
    }

    /** Whether {@link Run#advance} makes use of a variance that the model predicts. */
    default boolean usesVariance() {
        return false;
    }

    /**
     * Begins a generation.
     *
     * @param first the first latent, noise; copied
     * @param noise for samplers that add noise on the way
     */
    Run begin(float[] first, NoiseSource noise);

    /** One generation. Not thread-safe. */
    interface Run {
        /** Returns the latent for the next call, or the result after the last; to be read only. */
        float[] latent();

        /**
         * Goes on by one call.
         *
         * @param prediction of the model for the latent, guided, as long as the latent
         * @param variance what the model predicts of the variance, as long as the latent; null where it predicts none
         * @throws IllegalStateException after the last call
         */
        void advance(float[] prediction, float @Nullable [] variance);
    }
}
