package io.adacache.bench.sampler;

/** Where a sampler gets Gaussian noise from. */
@FunctionalInterface
public interface NoiseSource {
    /** Returns so many numbers of mean 0 and variance 1. */
    float[] next(int count);
}
