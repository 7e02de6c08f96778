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
public record Denoised(float[] latent, double millis, CacheStats stats, Trace trace) {}
