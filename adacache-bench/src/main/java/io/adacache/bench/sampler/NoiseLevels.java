package io.adacache.bench.sampler;

/**
 * How much of the clean latent is left at each timestep of training: {@code latent = sqrt(a) clean + sqrt(1 - a) noise}, where
 * {@code a} is the product of {@code 1 - beta} up to that timestep. Immutable.
 */
public final class NoiseLevels {
    /** Timesteps of training. */
    public static final int TIMESTEPS = 1000;

    private static final double FIRST_BETA = 1e-4;
    private static final double LAST_BETA = 0.02;
    private static final NoiseLevels LINEAR = new NoiseLevels();

    private final double[] kept = new double[TIMESTEPS];

    private NoiseLevels() {
        double product = 1;
        for (int t = 0; t < TIMESTEPS; t++) {
            double beta = FIRST_BETA + (LAST_BETA - FIRST_BETA) * t / (TIMESTEPS - 1);
            product *= 1 - beta;
            kept[t] = product;
        }
    }

    /** Returns the schedule of Latte and Open-Sora-Plan: 1000 betas from 0.0001 to 0.02, evenly spaced. */
    public static NoiseLevels linear() {
        return LINEAR;
    }

    /** Returns {@code a} at a timestep 0..999. */
    public double kept(int timestep) {
        return kept[timestep];
    }

    /**
     * Returns diffusers' "leading" timesteps, descending to 0: multiples of {@code 1000 / steps} in whole numbers.
     *
     * @param steps 1..1000
     */
    public static int[] leading(int steps) {
        check(steps);
        int[] timesteps = new int[steps];
        for (int i = 0; i < steps; i++) {
            timesteps[i] = (steps - 1 - i) * (TIMESTEPS / steps);
        }
        return timesteps;
    }

    /**
     * Returns timesteps from 999 down to 0, evenly spaced and rounded: those of Latte's own diffusion code
     * ({@code diffusion/respace.py}, {@code space_timesteps}).
     *
     * @param steps 1..1000
     */
    public static int[] even(int steps) {
        check(steps);
        double stride = steps == 1 ? 1 : (TIMESTEPS - 1.0) / (steps - 1);
        int[] timesteps = new int[steps];
        for (int i = 0; i < steps; i++) {
            timesteps[i] = (int) Math.rint((steps - 1 - i) * stride);
        }
        return timesteps;
    }

    private static void check(int steps) {
        if (steps < 1 || steps > TIMESTEPS) {
            throw new IllegalArgumentException(
                    "A generation has 1 to " + TIMESTEPS + " steps of this schedule, but got " + steps);
        }
    }
}
