package io.adacache.adaptive;

import io.adacache.policy.Generation;
import java.util.Arrays;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * What an error in each step comes to in the finished video, relative to the mean step. Immutable.
 *
 * <p>Without a measured profile ({@link #usual}) all steps count alike but for the last tenth, whose errors no later step makes good: their
 * weight rises to four times the others'. On the three trained models, a single step of each generation reused, what an error came to
 * differed between most steps by less than between models: early ones weigh more on one and less on another, the last ones more on all.
 *
 * <p>Another guess ({@link #assumed}), to be compared with: what the sampler makes of it there and then ({@link Generation#gains}, else the
 * way to the next noise level, else the same for all), times {@code 3 u^3 + 0.4}, u the share of steps that are left. The form is
 * RA-CFGCache's. It is right for the demo model, and 25 times too large in the first steps of DDIM.
 */
public final class Profile {
    private static final double EARLY = 3;
    private static final double POWER = 3;
    private static final double ADDED = 0.4;
    /** How much more an error comes to while there is nothing but noise and the video is being decided, and how soon that ends. */
    private static final double DECIDING = 6;

    private static final double STEEP = 6;
    private static final double ALL_NOISE = 1000;
    /** How much more the last step weighs than the usual one, and over which share of the steps that comes about. */
    private static final double RISE = 3;

    private static final double END = 0.1;
    /** Weights are scaled as if a generation had so many steps, so that a threshold means the same for any number. */
    private static final double USUAL_STEPS = 30;

    private final double[] weights;

    private Profile(double[] weights) {
        this.weights = weights;
    }

    /** Returns the profile in which every error counts as it is. */
    static Profile flat(int steps) {
        return new Profile(DoubleStream.generate(() -> 1).limit(steps).toArray());
    }

    /** Returns what is taken of any model: all errors count alike, but for those that nothing makes good. */
    static Profile usual(int steps) {
        return scaled(IntStream.rangeClosed(1, steps)
                .mapToDouble(step -> 1 + RISE * Math.max(0, 1 - (steps - step) / (END * steps)))
                .toArray());
    }

    /**
     * Returns what is expected of any model: what the sampler adds of a prediction, more of it while there is much noise; where that was
     * not announced, the {@link #usual}.
     */
    public static Profile expected(Generation generation) {
        if (generation.gains().isEmpty()) {
            return usual(generation.steps());
        }
        double[] weights = new double[generation.steps()];
        for (int i = 0; i < weights.length; i++) {
            weights[i] = generation.gains().get(i) * (1 + DECIDING * Math.pow(noise(generation, i), STEEP));
        }
        return scaled(weights);
    }

    /** The share of noise, 0..1. */
    private static double noise(Generation generation, int i) {
        List<Double> levels = generation.timesteps();
        int steps = generation.steps();
        return levels.isEmpty() ? (double) (steps - i) / steps : Math.max(0, Math.min(1, levels.get(i) / ALL_NOISE));
    }

    /**
     * Returns a measured profile.
     *
     * @param measured a number per step; for another number of steps it is read in between
     */
    static Profile of(List<Double> measured, int steps) {
        double[] weights = new double[steps];
        for (int i = 0; i < steps; i++) {
            double place = steps == 1 ? 0 : (double) i * (measured.size() - 1) / (steps - 1);
            int before = (int) place;
            int after = Math.min(before + 1, measured.size() - 1);
            weights[i] = measured.get(before) + (place - before) * (measured.get(after) - measured.get(before));
        }
        return scaled(weights);
    }

    /** Returns what is guessed of a generation. */
    static Profile assumed(Generation generation) {
        int steps = generation.steps();
        double[] weights = new double[steps];
        for (int i = 0; i < steps; i++) {
            double left = (double) (steps - 1 - i) / steps;
            weights[i] = gain(generation, i) * (EARLY * Math.pow(left, POWER) + ADDED);
        }
        return scaled(weights);
    }

    private static double gain(Generation generation, int i) {
        return generation.gains().isEmpty()
                ? generation.way(i)
                : generation.gains().get(i);
    }

    /** Scales to a median of 1 in a generation of 30 steps. */
    private static Profile scaled(double[] weights) {
        double[] sorted = weights.clone();
        Arrays.sort(sorted);
        double median = sorted[sorted.length / 2];
        if (!(median > 0)) {
            return flat(weights.length);
        }
        double unit = USUAL_STEPS / weights.length / median;
        return new Profile(DoubleStream.of(weights).map(weight -> weight * unit).toArray());
    }

    /** Returns the weight of a step, from 1; of steps beyond the last that of the last. */
    public double weight(int step) {
        return weights[Math.min(step, weights.length) - 1];
    }
}
