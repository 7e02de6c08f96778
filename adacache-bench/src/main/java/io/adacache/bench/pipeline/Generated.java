package io.adacache.bench.pipeline;

import io.adacache.CacheStats;
import io.adacache.Trace;

/**
 * A generated clip and how it came about.
 *
 * @param clip the clip
 * @param millis wall-clock time from noise to the last latent, sampler included, decoding and pictures not
 * @param stats what the session did
 * @param trace its record
 */
public record Generated(Clip clip, double millis, CacheStats stats, Trace trace) {}
