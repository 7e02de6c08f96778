package io.adacache.bench.sampler;

import java.util.SplittableRandom;

/**
 * Gaussian noise from a seed: the same numbers on every JDK and every platform, and independent of the engine's generator, which
 * all threads of the process share. Not thread-safe.
 */
public final class Noise implements NoiseSource {
    private final SplittableRandom random;

    /** Begins a stream of noise. */
    public Noise(long seed) {
        this.random = new SplittableRandom(seed);
    }

    /** Returns the next numbers of the stream (Box and Muller's transform). */
    @Override
    public float[] next(int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i += 2) {
            double radius = StrictMath.sqrt(-2 * StrictMath.log(1 - random.nextDouble()));
            double angle = 2 * Math.PI * random.nextDouble();
            values[i] = (float) (radius * StrictMath.cos(angle));
            if (i + 1 < count) {
                values[i + 1] = (float) (radius * StrictMath.sin(angle));
            }
        }
        return values;
    }
}
