package io.adacache.bench.pipeline;

import io.adacache.CacheStats;
import io.adacache.event.Trace;

/**
 * A denoised latent and how it came about.
 *
 * @param latent in the order of the model's latent input
 * @param millis wall-clock time from noise to the last latent, sampler included
 * @param stats what the session did
 * @param trace its record
 */
public record Denoised(float[] latent, double millis, CacheStats stats, Trace trace) {
    /** Whether the latent is numbers, without NaN or infinity. */
    public boolean isFinite() {
        return NotFinite.isFinite(latent);
    }

    /**
     * Returns this.
     *
     * @throws NotFinite if the latent is no numbers
     */
    public Denoised checked() {
        NotFinite.check(latent);
        return this;
    }
}
