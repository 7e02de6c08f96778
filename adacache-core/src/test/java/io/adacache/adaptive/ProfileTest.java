package io.adacache.adaptive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.adacache.policy.Generation;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What an error in each step comes to, against the formulas in words. */
class ProfileTest {
    private static final long SEED = 20261127;

    private static double[] weights(Profile profile, int steps) {
        return IntStream.rangeClosed(1, steps).mapToDouble(profile::weight).toArray();
    }

    /** A median of 1 if it were 30 steps. */
    private static double[] scaled(double[] weights) {
        double median = Arrays.stream(weights).sorted().toArray()[weights.length / 2];
        return DoubleStream.of(weights)
                .map(weight -> weight * 30 / weights.length / median)
                .toArray();
    }

    @Test
    void isWhatTheSamplerAddsAndMoreWhileThereIsMuchNoise() {
        Random random = new Random(SEED);
        for (int trial = 0; trial < 100; trial++) {
            int steps = 1 + random.nextInt(100);
            double[] gains = random.doubles(steps).map(value -> 0.01 + value).toArray();
            double[] levels = random.doubles(steps).map(value -> 1000 * value).toArray();
            boolean announced = random.nextBoolean();
            double[] expected = new double[steps];
            for (int i = 0; i < steps; i++) {
                double noise = announced ? levels[i] / 1000 : (double) (steps - i) / steps;
                expected[i] = gains[i] * (1 + 6 * noise * noise * noise * noise * noise * noise);
            }
            Generation generation = new Generation(
                    steps,
                    List.of(Generation.SINGLE_BRANCH),
                    announced ? DoubleStream.of(levels).boxed().toList() : List.of(),
                    DoubleStream.of(gains).boxed().toList());

            assertThat(weights(Profile.expected(generation), steps))
                    .as("seed %d, trial %d", SEED, trial)
                    .containsExactly(scaled(expected), within(1e-9));
        }
    }

    @Test
    void withoutGainsAllStepsAreAlikeButTheLastTenth() {
        double[] weights = weights(Profile.expected(Generation.of(30)), 30);

        assertThat(Arrays.copyOf(weights, 27)).containsOnly(1);
        assertThat(Arrays.copyOfRange(weights, 27, 30)).containsExactly(new double[] {2, 3, 4}, within(1e-9));
    }

    @Test
    void noiseLevelsOfAnotherScaleAreCut() {
        Generation odd = new Generation(
                3, List.of(Generation.SINGLE_BRANCH), List.of(5000.0, 1000.0, -3.0), List.of(1.0, 1.0, 1.0));

        double[] weights = weights(Profile.expected(odd), 3);

        assertThat(weights[0]).isEqualTo(weights[1]);
        assertThat(weights[0] / weights[2]).isCloseTo(7, within(1e-9));
    }

    @Test
    void aMeasuredProfileIsReadInBetween() {
        assertThat(weights(Profile.of(List.of(3.0, 1.0), 5), 5))
                .containsExactly(scaled(new double[] {3, 2.5, 2, 1.5, 1}), within(1e-9));
    }
}
