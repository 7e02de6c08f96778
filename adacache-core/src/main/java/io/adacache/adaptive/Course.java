package io.adacache.adaptive;

import io.adacache.policy.Generation;
import java.util.stream.IntStream;

/**
 * What the steps to come are expected to change, from what those before changed. State of one generation.
 *
 * <p>What is kept may be a noise, a velocity or the clean video, and each takes another course through a generation: a predicted noise
 * changes a hundred times as much in the last steps as in the first, a clean video the other way round. So a change is counted in the
 * clean video that follows from the prediction. Of the k steps that are left, this one takes the k-th part of the way to it; a
 * prediction that changes by d there moves the latent by {@code gain d}, and so the clean video by {@code k gain d}. For a sampler whose
 * noise falls evenly that is exact, for others near. Where no gains are announced, what is kept is taken to be the clean video.
 *
 * <p>The clean video is expected to go about its own length from the first step to the last: what is left of that, but a quarter of it at
 * least, lies evenly before us. A change that is larger than that is taken to fall to it at once, and so to be worth computing now; a
 * smaller one to stay as it is, because nothing says when it grows.
 */
final class Course {
    /** How far the clean video is expected to go in a generation, in units of its own length. */
    private static final double WHOLE_WAY = 1;
    /** How much of that is always expected to be left. */
    private static final double LEAST_LEFT = 0.25;

    private final double[] units;
    private double gone;

    /** Begins a generation. */
    Course(Generation generation) {
        int steps = generation.steps();
        units = IntStream.range(0, steps)
                .mapToDouble(i -> generation.gains().isEmpty()
                        ? 1
                        : (steps - i) * generation.gains().get(i))
                .toArray();
    }

    /** Returns the number of steps. */
    int steps() {
        return units.length;
    }

    /**
     * Takes in what is kept having changed.
     *
     * @param step that was computed, from 1
     * @param change of what is kept per step since the computed step before, relative to its length
     * @param passed the steps since then
     */
    void went(int step, double change, int passed) {
        gone += change * units[step - 1] * passed;
    }

    /** Returns how much the clean video is expected to change in each step after one in which what is kept changed so much. */
    double expected(int step, double change) {
        double left = Math.max(WHOLE_WAY - gone, LEAST_LEFT);
        return Math.min(change * units[step - 1], left / Math.max(1, steps() - step));
    }

    /** Returns by how much what is kept changes in a step in which the clean video changes so much; nothing where nothing is added. */
    double change(int step, double clean) {
        double unit = units[step - 1];
        return unit > 0 ? clean / unit : 0;
    }
}
