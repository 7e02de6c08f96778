package io.adacache.bench.sampler;

import org.jspecify.annotations.Nullable;

/**
 * Open-Sora's sampler: Euler steps along the velocity, {@code z <- z + v (t_i - t_{i+1}) / 1000}, the last one down to 0.
 *
 * <p>All arithmetic is fp32 in the order of the published code ({@code opensora/schedulers/rf/__init__.py}), so that its recordings
 * can be reproduced. Immutable.
 */
public final class RectifiedFlow implements Sampler {
    private static final float TOP = 1000;

    private final float[] timesteps;
    private final PredictionType prediction;
    private final LatentShape shape;

    /**
     * Creates a sampler.
     *
     * @param timesteps descending, one per step
     */
    public RectifiedFlow(float[] timesteps, PredictionType prediction, LatentShape shape) {
        this.timesteps = timesteps.clone();
        this.prediction = prediction;
        this.shape = shape;
    }

    /** Called between the steps of a run. */
    @FunctionalInterface
    public interface Progress {
        /** Step {@code step} (from 1) is about to begin with this latent, which must not be changed. */
        void before(int step, float[] latent);
    }

    @Override
    public String name() {
        return "rectified-flow";
    }

    @Override
    public float[] timesteps() {
        return timesteps.clone();
    }

    @Override
    public Run begin(float[] first, NoiseSource noise) {
        return new LatentRun(first, timesteps.length) {
            @Override
            void advance(int call, float[] predicted, float @Nullable [] variance) {
                float[] next = latent().clone();
                RectifiedFlow.this.advance(call, next, predicted);
                become(next);
            }
        };
    }

    /**
     * Runs a whole generation without conditioned frames.
     *
     * @param noise the first latent; not changed
     * @return the last latent
     */
    public float[] run(float[] noise, Denoiser denoiser, Progress progress) {
        return run(noise, null, new Noise(0), denoiser, progress);
    }

    /**
     * Runs a whole generation.
     *
     * @param first the first latent, which already holds the kept frames; not changed
     * @param mask {@code [batch, frames]}: 1 generates a frame, 0 keeps it, one between generates it from that noise level on; null
     *     generates all
     * @param renoise where frames that become active get their noise
     * @return the last latent
     */
    public float[] run(
            float[] first, float @Nullable [] mask, NoiseSource renoise, Denoiser denoiser, Progress progress) {
        if (first.length != shape.size()) {
            throw new IllegalArgumentException("A latent of " + first.length + " numbers does not fit " + shape);
        }
        FrameMask frames = mask == null ? null : new FrameMask(mask, shape, renoise);
        float[] latent = first.clone();
        for (int i = 0; i < timesteps.length; i++) {
            progress.before(i + 1, latent);
            float[] active = frames == null ? null : frames.begin(timesteps[i], latent);
            float[] predicted = denoiser.predict(i + 1, timesteps[i], latent, active);
            advance(i, latent, predicted);
            if (frames != null && active != null) {
                frames.end(active, latent);
            }
        }
        return latent;
    }

    private void advance(int i, float[] latent, float[] predicted) {
        float way = (i + 1 < timesteps.length ? timesteps[i] - timesteps[i + 1] : timesteps[i]) / TOP;
        float level = timesteps[i] / TOP;
        for (int k = 0; k < latent.length; k++) {
            latent[k] += prediction.velocity(predicted[k], latent[k], level) * way;
        }
    }
}
