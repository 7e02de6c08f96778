package io.adacache.tune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.adacache.tune.Fitting.ReuseErrors;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ReuseErrorsTest {
    private static ReuseErrors random(Random random, int steps) {
        double[][] errors = new double[steps][steps];
        for (double[] row : errors) {
            for (int k = 0; k < steps; k++) {
                row[k] = random.nextDouble();
            }
        }
        return ReuseErrors.of(errors);
    }

    private static List<List<Integer>> all(int steps, int computed) {
        List<List<Integer>> all = new ArrayList<>();
        for (int bits = 0; bits < 1 << steps; bits++) {
            List<Integer> schedule = new ArrayList<>();
            for (int step = 1; step <= steps; step++) {
                if ((bits >> (step - 1) & 1) == 1) {
                    schedule.add(step);
                }
            }
            if (schedule.size() == computed && schedule.contains(1)) {
                all.add(schedule);
            }
        }
        return all;
    }

    @Test
    void theBestScheduleIsTheBestOfAll() {
        for (long seed = 0; seed < 20; seed++) {
            Random random = new Random(seed);
            int steps = 1 + random.nextInt(10);
            ReuseErrors errors = random(random, steps);
            for (int computed = 1; computed <= steps; computed++) {
                double least = all(steps, computed).stream()
                        .mapToDouble(errors::cost)
                        .min()
                        .orElseThrow();
                double mildest = all(steps, computed).stream()
                        .mapToDouble(errors::worst)
                        .min()
                        .orElseThrow();
                assertThat(errors.best(computed)).hasSize(computed).isSorted().startsWith(1);
                assertThat(errors.cost(errors.best(computed)))
                        .as("seed %d, %d of %d steps", seed, computed, steps)
                        .isCloseTo(least, within(1e-12));
                assertThat(errors.worst(errors.bestOfWorst(computed))).isCloseTo(mildest, within(1e-12));
            }
        }
    }

    @Test
    void evenSpacingHasBothEnds() {
        ReuseErrors errors = random(new Random(1), 30);
        assertThat(errors.even(4)).containsExactly(1, 11, 20, 30);
        assertThat(errors.even(1)).containsExactly(1);
        assertThat(errors.cost(errors.best(10))).isLessThanOrEqualTo(errors.cost(errors.even(10)));
    }

    @Test
    void impossibleSchedulesAreRefused() {
        ReuseErrors errors = random(new Random(1), 5);
        assertThatIllegalArgumentException().isThrownBy(() -> errors.best(6)).withMessageContaining("Of 5 steps");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> errors.cost(List.of(2, 3)))
                .withMessageContaining("Step 1");
    }
}
