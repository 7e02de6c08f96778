package io.adacache.policy;

import java.util.List;

/**
 * What is announced of a generation before its first step.
 *
 * @param steps number of steps, N; a step is one call of the denoiser per branch
 * @param branches names of the guidance streams that are called separately; one for batched guidance
 * @param timesteps the noise level of each step on the scale 0..1000, or empty where not announced
 * @param gains how much of the prediction the sampler adds to the latent in each step, or empty where not announced: what a wrong
 *     prediction does there and then. Known to the sampler alone; of Euler steps along a velocity it is their length
 */
public record Generation(int steps, List<String> branches, List<Double> timesteps, List<Double> gains) {
    /** The branch of a generation that has only one. */
    public static final String SINGLE_BRANCH = "single";

    /** Copies the lists and checks them. */
    public Generation {
        branches = List.copyOf(branches);
        timesteps = List.copyOf(timesteps);
        gains = List.copyOf(gains);
        if (steps < 1) {
            throw new IllegalArgumentException("A generation has at least one step, but " + steps + " were announced");
        }
        if (branches.isEmpty() || branches.stream().distinct().count() != branches.size()) {
            throw new IllegalArgumentException(
                    "A generation needs one or more different branches, but got " + branches);
        }
        if (timesteps.stream().anyMatch(level -> !Double.isFinite(level))) {
            throw new IllegalArgumentException("The noise level of a step is a number, 0..1000, but got " + timesteps);
        }
        if (!timesteps.isEmpty() && timesteps.size() != steps) {
            throw new IllegalArgumentException(timesteps.size() + " timesteps were announced for " + steps
                    + " steps; give one for each step or none");
        }
        if (!gains.isEmpty() && gains.size() != steps) {
            throw new IllegalArgumentException(
                    gains.size() + " gains were announced for " + steps + " steps; give one for each step or none");
        }
        for (double gain : gains) {
            if (!(gain >= 0) || Double.isInfinite(gain)) {
                throw new IllegalArgumentException("Gains are finite numbers of 0 or more, but got " + gain);
            }
        }
    }

    /** Creates one without announced gains. */
    public Generation(int steps, List<String> branches, List<Double> timesteps) {
        this(steps, branches, timesteps, List.of());
    }

    /** Returns a generation of one branch without announced timesteps. */
    public static Generation of(int steps) {
        return new Generation(steps, List.of(SINGLE_BRANCH), List.of());
    }
}
