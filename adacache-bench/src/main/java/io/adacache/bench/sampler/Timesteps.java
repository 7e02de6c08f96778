package io.adacache.bench.sampler;

/**
 * The noise levels of a generation, 1000 (noise) down to above 0, in the fp32 arithmetic of the published sampler.
 *
 * <p>Source: Open-Sora v1.2, {@code opensora/schedulers/rf/rectified_flow.py}.
 */
public final class Timesteps {
    private static final float TOP = 1000;
    private static final float BASE_AREA = 512 * 512;
    private static final int MICRO_FRAMES = 17;
    private static final int LATENT_FRAMES = 5;

    private Timesteps() {}

    /** Returns {@code 1000 (1 - i / steps)} for i = 0 .. steps - 1. */
    public static float[] linear(int steps) {
        if (steps < 1) {
            throw new IllegalArgumentException("A generation has at least one step, but got " + steps);
        }
        float[] timesteps = new float[steps];
        for (int i = 0; i < steps; i++) {
            timesteps[i] = (float) ((1.0 - (double) i / steps) * TOP);
        }
        return timesteps;
    }

    /**
     * Returns linear timesteps, bent by Open-Sora's timestep transform: {@code t' = r t / (1 + (r - 1) t)} on 0..1 with
     * {@code r = sqrt(height width / 512^2) sqrt(latent frames)}; latent frames are {@code frames / 17 * 5} in whole numbers, and 1
     * for a single frame.
     *
     * @param height rows in pixels
     * @param width columns in pixels
     * @param frames frames in pixels' time, before the autoencoder
     */
    public static float[] transformed(int steps, float height, float width, int frames) {
        float space = (float) Math.sqrt(height * width / BASE_AREA);
        float time = (float) Math.sqrt(frames == 1 ? 1 : frames / MICRO_FRAMES * LATENT_FRAMES);
        float ratio = space * time;
        float[] timesteps = linear(steps);
        for (int i = 0; i < steps; i++) {
            float t = timesteps[i] / TOP;
            timesteps[i] = ratio * t / (1 + (ratio - 1) * t) * TOP;
        }
        return timesteps;
    }
}
