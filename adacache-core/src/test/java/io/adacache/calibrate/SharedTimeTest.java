package io.adacache.calibrate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.adacache.calibrate.SharedTime.Expected;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Generations share a time: those that need more get more, and the sum is kept. */
class SharedTimeTest {
    /** At a threshold v a usual clip takes 10 v^-0.3 seconds. */
    private static double usual(double value) {
        return 10 * Math.pow(value, -0.3);
    }

    private static List<Expected> curve() {
        List<Expected> curve = new ArrayList<>();
        for (double value = 0.01; value < 100; value *= 1.8) {
            curve.add(new Expected(value, usual(value)));
        }
        return curve;
    }

    @Test
    void theSumIsKeptAndThoseThatChangeMoreGetMore() {
        long seed = 20261127;
        Random random = new Random(seed);
        for (int round = 0; round < 50; round++) {
            SharedTime time = new SharedTime(curve(), 200, 20);
            double total = 0;
            List<Double> calm = new ArrayList<>();
            List<Double> wild = new ArrayList<>();
            for (int clip = 0; clip < 20; clip++) {
                boolean changes = random.nextBoolean();
                double took = usual(time.next()) * (changes ? 1.3 : 0.8);
                time.took(took);
                total += took;
                (changes ? wild : calm).add(took);
            }
            assertThat(total).as("round %d of seed %d", round, seed).isCloseTo(200, within(12.0));
            assertThat(time.left()).isCloseTo(200 - total, within(1e-6));
            assertThat(mean(wild)).isGreaterThan(mean(calm));
        }
    }

    private static double mean(List<Double> values) {
        return values.stream().mapToDouble(value -> value).average().orElse(0);
    }

    @Test
    void aSlowerMachineIsFollowed() {
        SharedTime time = new SharedTime(curve(), 300, 30);
        double total = 0;
        for (int clip = 0; clip < 30; clip++) {
            double took = usual(time.next()) * 1.5;
            time.took(took);
            total += took;
        }
        assertThat(total).isCloseTo(300, within(12.0));
    }

    @Test
    void withoutTimeTheFastestIsTaken() {
        SharedTime time = new SharedTime(curve(), 0.1, 3);
        assertThat(usual(time.next())).isCloseTo(curve().get(curve().size() - 1).seconds(), within(1e-9));
    }
}
