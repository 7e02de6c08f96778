package io.adacache.bench.sampler;

/** Classifier-free guidance: {@code unconditional + scale (conditional - unconditional)}. */
public final class Guidance {
    private Guidance() {}

    /** Returns the guided prediction, in fp32. The arrays are equally long and not changed. */
    public static float[] combine(float[] conditional, float[] unconditional, float scale) {
        float[] guided = new float[conditional.length];
        for (int i = 0; i < guided.length; i++) {
            guided[i] = unconditional[i] + scale * (conditional[i] - unconditional[i]);
        }
        return guided;
    }
}
