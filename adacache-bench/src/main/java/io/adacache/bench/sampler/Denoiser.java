package io.adacache.bench.sampler;

import org.jspecify.annotations.Nullable;

/** The model as a sampler sees it: guidance, batching and caching are behind it. */
@FunctionalInterface
public interface Denoiser {
    /**
     * Predicts, with guidance.
     *
     * @param step from 1
     * @param timestep noise level, 0 (clean) to 1000 (noise)
     * @param latent shape {@code [batch, channels, frames, height, width]}; not changed
     * @param active {@code [batch, frames]}, 0 where a frame is kept as it is; null without a frame mask
     * @return the prediction in the shape of the latent
     */
    float[] predict(int step, float timestep, float[] latent, float @Nullable [] active);
}
