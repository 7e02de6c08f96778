package io.adacache.bench.sampler;

import org.jspecify.annotations.Nullable;

/** What the runs of the samplers have in common: the latent and the number of the call. */
abstract class LatentRun implements Sampler.Run {
    private final int calls;
    private float[] latent;
    private int call;

    LatentRun(float[] first, int calls) {
        this.latent = first.clone();
        this.calls = calls;
    }

    static float[] floats(int[] timesteps) {
        float[] floats = new float[timesteps.length];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = timesteps[i];
        }
        return floats;
    }

    @Override
    public final float[] latent() {
        return latent;
    }

    @Override
    public final void advance(float[] prediction, float @Nullable [] variance) {
        if (call == calls) {
            throw new IllegalStateException("The generation is over after " + calls + " calls");
        }
        if (prediction.length != latent.length) {
            throw new IllegalArgumentException(
                    "A prediction of " + prediction.length + " numbers does not fit a latent of " + latent.length);
        }
        advance(call++, prediction, variance);
    }

    /** Goes on by one call, counted from 0. */
    abstract void advance(int call, float[] prediction, float @Nullable [] variance);

    /** Replaces the latent by {@code a latent + b other}. */
    final void mix(double a, double b, float[] other) {
        latent = mixed(a, latent, b, other);
    }

    /** Replaces the latent. */
    final void become(float[] next) {
        latent = next;
    }

    static float[] mixed(double a, float[] x, double b, float[] y) {
        float[] sum = new float[x.length];
        for (int i = 0; i < sum.length; i++) {
            sum[i] = (float) (a * x[i] + b * y[i]);
        }
        return sum;
    }
}
