package io.adacache.adaptive;

import static org.assertj.core.api.Assertions.assertThat;

import io.adacache.Policies;
import io.adacache.policy.CachePolicy;
import io.adacache.policy.Generation;
import io.adacache.testkit.PolicyDriver.Driven;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;

/** AdaCache+ with a number of calls and everything else as it is by default, against a transcription that shares no code with it. */
class PlusCallsRuleTest {
    private static final long SEED = 20261128;

    /** Gains and noise levels as samplers have them: noise falls, what is added of a prediction rises, falls or stays. */
    private static Generation generation(Random random, int steps) {
        double power = 0.5 + random.nextDouble();
        double rise = 2 * random.nextDouble() - 1;
        double[] levels = new double[steps];
        double[] gains = new double[steps];
        for (int i = 0; i < steps; i++) {
            levels[i] = 1000 * Math.pow(1 - (double) i / steps, power);
            gains[i] = Math.exp(rise * i / steps) / steps * (0.9 + 0.2 * random.nextDouble());
        }
        boolean isAnnounced = random.nextInt(4) > 0;
        return new Generation(
                steps,
                List.of(Generation.SINGLE_BRANCH),
                isAnnounced && random.nextBoolean() ? boxed(levels) : List.of(),
                isAnnounced ? boxed(gains) : List.of());
    }

    private static List<Double> boxed(double[] values) {
        return DoubleStream.of(values).boxed().toList();
    }

    private static double[] weights(Generation generation) {
        int steps = generation.steps();
        double[] weights = new double[steps];
        for (int i = 0; i < steps; i++) {
            double noise = generation.timesteps().isEmpty()
                    ? (double) (steps - i) / steps
                    : generation.timesteps().get(i) / 1000;
            weights[i] = generation.gains().isEmpty()
                    ? 1 + 3 * Math.max(0, 1 - (steps - 1 - i) / (0.1 * steps))
                    : generation.gains().get(i) * (1 + 6 * Math.pow(noise, 6));
        }
        double[] sorted = weights.clone();
        Arrays.sort(sorted);
        return Arrays.stream(weights)
                .map(weight -> weight * 30 / steps / sorted[steps / 2])
                .toArray();
    }

    private static double[] units(Generation generation) {
        double[] units = new double[generation.steps()];
        for (int i = 0; i < units.length; i++) {
            units[i] = generation.gains().isEmpty()
                    ? 1
                    : (units.length - i) * generation.gains().get(i);
        }
        return units;
    }

    @Test
    void agreesWithATranscription() {
        Random random = new Random(SEED);
        for (int trial = 0; trial < 300; trial++) {
            int steps = 4 + random.nextInt(60);
            int calls = 1 + random.nextInt(steps);
            int order = random.nextInt(3);
            int first = 1 + random.nextInt(3);
            int last = random.nextInt(3);
            Generation generation = generation(random, steps);
            double[][] sums = PlusRuleTest.walk(random, steps);
            NaivePlus naive = new NaivePlus(sums, weights(generation));
            naive.spend(calls, order, first, last, units(generation));
            CachePolicy policy = Policies.parse(String.format(
                    Locale.ROOT, "adacache-plus:calls=%d,forecast=%d,first=%d,last=%d", calls, order, first, last));
            List<Driven> driven = PlusRuleTest.drive(policy, generation, sums);
            assertThat(PlusRuleTest.computed(driven))
                    .as("seed %d, trial %d", SEED, trial)
                    .isEqualTo(naive.computed)
                    .hasSizeLessThanOrEqualTo(calls);
            PlusRuleTest.assertForecasts(driven, naive, trial);
        }
    }
}
