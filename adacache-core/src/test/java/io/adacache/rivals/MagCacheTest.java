package io.adacache.rivals;

import static io.adacache.rivals.ReusedSites.ints;
import static io.adacache.rivals.ReusedSites.reused;
import static org.assertj.core.api.Assertions.assertThat;

import io.adacache.policy.Figures;
import io.adacache.policy.Generation;
import io.adacache.testkit.Layouts;
import io.adacache.testkit.MadeUpNumbers;
import io.adacache.testkit.PolicyDriver;
import io.adacache.testkit.PolicyDriver.Driven;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;

/** MagCache: the published ratios, and the rule against a transcription of its source. */
class MagCacheTest {
    private static final int DEPTH = 28;
    private static final int TRIALS = 200;

    @Test
    void magCacheOnOpenSora() {
        double[] squares = {
            0.93359, 0.96484, 0.99609, 1.0, 0.99609, 0.99609, 0.99219, 1.0, 1.0, 0.99609, 0.99219, 1.0, 0.99219,
            0.99609, 0.99219, 0.99609, 0.99609, 0.99609, 0.99219, 0.99219, 0.99219, 0.98828, 0.98828, 0.98438, 0.98438,
            0.97656, 0.97656, 0.96484, 0.96484
        };
        String ratios = DoubleStream.of(squares)
                .map(Math::sqrt)
                .mapToObj(String::valueOf)
                .collect(Collectors.joining(";"));
        List<Integer> reused = reused("magcache:ratios=" + ratios, Layouts.openSora(DEPTH), Generation.of(30))
                .values()
                .iterator()
                .next();
        assertThat(reused).isEqualTo(ints(6, 7, 8, 10, 11, 12, 14, 15, 16, 18, 19, 20, 22, 23, 24, 26, 27, 28));
    }

    @Test
    void magCacheFollowsItsSource() {
        Random random = new Random(2506);
        for (int trial = 0; trial < TRIALS; trial++) {
            int steps = 2 + random.nextInt(40);
            double[] ratios = random.doubles(steps - 1, 0.8, 1.1).toArray();
            double threshold = random.nextDouble() * 0.5;
            int limit = random.nextInt(5);
            double retention = random.nextDouble() * 0.5;
            String text =
                    "magcache:threshold=" + threshold + ",max-in-row=" + limit + ",retention=" + retention + ",ratios="
                            + DoubleStream.of(ratios).mapToObj(String::valueOf).collect(Collectors.joining(";"));
            List<Integer> expected = new ArrayList<>();
            double scale = 1;
            double error = 0;
            int skipped = 0;
            for (int t = 0; t < steps; t++) {
                if (t > 0 && t >= (int) (steps * retention)) {
                    scale = scale * ratios[t - 1];
                    skipped += 1;
                    error += Math.abs(1 - scale);
                    if (error <= threshold && skipped <= limit) {
                        expected.add(t);
                    } else {
                        scale = 1;
                        skipped = 0;
                        error = 0;
                    }
                }
            }
            assertThat(reused(text, Layouts.joint(1), Generation.of(steps)).values())
                    .as("trial %d: %s", trial, text)
                    .containsOnly(expected);
        }
    }

    @Test
    void magCacheTakesTheNearestRatioForOtherNumbersOfStepsAndSaysSo() {
        String text = "magcache:threshold=9,max-in-row=9,retention=0,ratios=0.9;0.8;0.7";
        assertThat(ratiosTaken(text, 6))
                .usingComparatorForType(NEARLY, Double.class)
                .containsExactly(0.9, 0.9, 0.8, 0.7, 0.7);
        assertThat(ratiosTaken(text, 4))
                .usingComparatorForType(NEARLY, Double.class)
                .containsExactly(0.9, 0.8, 0.7);
        assertThat(ratiosTaken(text, 2))
                .usingComparatorForType(NEARLY, Double.class)
                .containsExactly(0.7);
        assertThat(Made.begin(text, Layouts.joint(1), Generation.of(6)).warnings())
                .singleElement()
                .asString()
                .contains("3 ratios of a generation of 4 steps", "6 steps the nearest");
        assertThat(Made.begin(text, Layouts.joint(1), Generation.of(4)).warnings())
                .isEmpty();
    }

    private static final Comparator<Double> NEARLY = (a, b) -> Math.abs(a - b) < 1e-9 ? 0 : Double.compare(a, b);

    /** The ratios of a generation in which all is reused, from the errors: each grows by what the scale has lost. */
    private static List<Double> ratiosTaken(String text, int steps) {
        List<Double> ratios = new ArrayList<>();
        double before = 0;
        double scale = 1;
        for (Driven step : PolicyDriver.drive(
                Made.policy(text), Layouts.joint(1), Generation.of(steps), MadeUpNumbers.plausible(1))) {
            for (Figures figures : step.figures()) {
                double error = figures.get(Figures.ACCUMULATED).orElseThrow();
                double next = 1 - (error - before);
                ratios.add(next / scale);
                scale = next;
                before = error;
            }
        }
        return ratios;
    }
}
