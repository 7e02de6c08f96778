package io.adacache.bench.sampler;

/**
 * Noise levels of flow matching with a shift, 1 (noise) down to 0 (clean): evenly spaced ones, bent by {@code s l / (1 + (s - 1) l)},
 * so that more steps are taken where there is much noise.
 *
 * <p>Source: Esser et al., <em>Scaling Rectified Flow Transformers</em> (arXiv 2403.03206), equation 23. Which levels are even differs
 * between diffusers' two schedulers, and so it does here.
 */
final class FlowLevels {
    /** Timesteps are levels times this. */
    static final float TOP = 1000;

    private static final double LEAST = 1 / 1000.0;
    /** At level 1 nothing of the clean latent is left, and UniPC would take a logarithm of 0. */
    private static final double BELOW_ONE = 1e-6;

    private FlowLevels() {}

    /** Returns the levels of {@code FlowMatchEulerDiscreteScheduler}: one per step, then 0. Its least level is shifted twice. */
    static float[] euler(int steps, float shift) {
        check(steps, shift);
        float least = (float) LEAST;
        float once = shift * least / (1 + (shift - 1) * least);
        float[] levels = new float[steps + 1];
        for (int i = 0; i < steps; i++) {
            double even = steps == 1 ? 1 : i * (((double) once - 1) / (steps - 1)) + 1;
            levels[i] = (float) shifted(even, shift);
        }
        return levels;
    }

    /** Returns the levels of {@code UniPCMultistepScheduler} with flow sigmas: one per step, then 0. */
    static double[] uniPc(int steps, float shift) {
        check(steps, shift);
        double[] levels = new double[steps + 1];
        for (int i = 0; i < steps; i++) {
            double level = shifted(i * ((LEAST - 1) / steps) + 1, shift);
            levels[i] = i == 0 && 1 - level < BELOW_ONE ? level - BELOW_ONE : level;
        }
        return levels;
    }

    private static double shifted(double level, double shift) {
        return shift * level / (1 + (shift - 1) * level);
    }

    private static void check(int steps, float shift) {
        if (steps < 1) {
            throw new IllegalArgumentException("A generation has at least one step, but got " + steps);
        }
        if (!(shift > 0) || Float.isInfinite(shift)) {
            throw new IllegalArgumentException("The shift of a flow sampler is a number above 0, but got " + shift);
        }
    }
}
