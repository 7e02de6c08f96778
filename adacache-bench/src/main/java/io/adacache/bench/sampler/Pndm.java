package io.adacache.bench.sampler;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * PNDM (F-PNDM) for a model that predicts the noise, as diffusers' {@code PNDMScheduler} runs it by default: three Runge-Kutta steps
 * of four calls each, then linear multistep with the last four predictions. The number of calls is that of the steps and nine more:
 * 159 for Open-Sora-Plan's 150.
 *
 * <p>Source: Liu et al., <em>Pseudo Numerical Methods for Diffusion Models on Manifolds</em> (arXiv 2202.09778), equations 9, 12 and 13.
 */
public final class Pndm implements Sampler {
    private static final int ORDER = 4;
    private static final int WARM_UP_STEPS = ORDER - 1;
    private static final int WARM_UP_CALLS = 4 * WARM_UP_STEPS;

    /** How many more calls than steps it makes. */
    public static final int MORE_CALLS = WARM_UP_CALLS - WARM_UP_STEPS;

    private final NoiseLevels levels = NoiseLevels.linear();
    private final int stride;
    private final int[] timesteps;

    /**
     * Creates a sampler.
     *
     * @param steps 4..500
     */
    public Pndm(int steps) {
        if (steps < ORDER || steps > NoiseLevels.TIMESTEPS / 2) {
            throw new IllegalArgumentException("PNDM takes " + ORDER + " to " + NoiseLevels.TIMESTEPS / 2
                    + " steps (a Runge-Kutta step has a middle), but got " + steps);
        }
        this.stride = NoiseLevels.TIMESTEPS / steps;
        int[] leading = NoiseLevels.leading(steps);
        this.timesteps = new int[steps + MORE_CALLS];
        for (int i = 0; i < WARM_UP_STEPS; i++) {
            int end = leading[i] - stride;
            int middle = end + stride / 2;
            timesteps[4 * i] = leading[i];
            timesteps[4 * i + 1] = middle;
            timesteps[4 * i + 2] = middle;
            timesteps[4 * i + 3] = end;
        }
        System.arraycopy(leading, WARM_UP_STEPS, timesteps, WARM_UP_CALLS, steps - WARM_UP_STEPS);
    }

    @Override
    public String name() {
        return "pndm";
    }

    @Override
    public float[] timesteps() {
        return LatentRun.floats(timesteps);
    }

    @Override
    public Run begin(float[] first, NoiseSource noise) {
        return new PndmRun(first);
    }

    private final class PndmRun extends LatentRun {
        /** Predictions at the beginning of the last steps, newest first. */
        private final Deque<float[]> predictions = new ArrayDeque<>();

        private float[] origin = {};
        private float[] slope = {};

        PndmRun(float[] first) {
            super(first, timesteps.length);
        }

        @Override
        void advance(int call, float[] prediction, float @Nullable [] variance) {
            if (call < WARM_UP_CALLS) {
                rungeKutta(call, prediction);
            } else {
                remember(prediction);
                float[][] e = predictions.toArray(float[][]::new);
                float[] mean = new float[prediction.length];
                for (int i = 0; i < mean.length; i++) {
                    mean[i] = (float) ((55.0 * e[0][i] - 59.0 * e[1][i] + 37.0 * e[2][i] - 9.0 * e[3][i]) / 24);
                }
                become(transfer(latent(), timesteps[call], timesteps[call] - stride, mean));
            }
        }

        /** A quarter of a Runge-Kutta step: two looks at the middle, one at the end, then the weighted mean of all four. */
        private void rungeKutta(int call, float[] prediction) {
            int from = timesteps[call / 4 * 4];
            int part = call % 4;
            if (part == 0) {
                remember(prediction);
                origin = latent();
                slope = new float[prediction.length];
            }
            slope = mixed(1, slope, part == 0 || part == 3 ? 1.0 / 6 : 1.0 / 3, prediction);
            // As published: with an odd stride, the first look at the middle is taken one timestep above the second.
            int to = part == 0 ? from - stride / 2 : part == 1 ? timesteps[call] : from - stride;
            become(transfer(origin, from, to, part == 3 ? slope : prediction));
        }

        private void remember(float[] prediction) {
            predictions.addFirst(Arrays.copyOf(prediction, prediction.length));
            if (predictions.size() > ORDER) {
                predictions.removeLast();
            }
        }

        /** Equation 9: from one timestep to another with constant noise. Below 0 the schedule stays as it is at 0. */
        private float[] transfer(float[] latent, int from, int to, float[] noise) {
            double now = levels.kept(from);
            double next = levels.kept(Math.max(to, 0));
            double denominator = now * Math.sqrt(1 - next) + Math.sqrt(now * (1 - now) * next);
            return LatentRun.mixed(Math.sqrt(next / now), latent, (now - next) / denominator, noise);
        }
    }
}
