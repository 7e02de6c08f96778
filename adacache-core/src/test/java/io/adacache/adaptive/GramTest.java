package io.adacache.adaptive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;

/** Errors of forecasts from distances alone, against the same from the vectors. */
class GramTest {
    private static double square(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += (a[i] - b[i]) * (a[i] - b[i]);
        }
        return sum;
    }

    @Test
    void agreesWithTheVectors() {
        long seed = 20261127;
        Random random = new Random(seed);
        for (int trial = 0; trial < 200; trial++) {
            int count = 2 + random.nextInt(4);
            double[][] sums = new double[count][6];
            Gram gram = new Gram(count);
            for (int n = 0; n < count; n++) {
                double[] toKept = new double[n];
                for (int i = 0; i < 6; i++) {
                    sums[n][i] = random.nextGaussian();
                }
                for (int back = 1; back <= n; back++) {
                    toKept[back - 1] = square(sums[n], sums[n - back]);
                }
                gram.push(n + 1, toKept);
            }
            double[] weights = new double[count - 1];
            double left = 1;
            for (int i = 0; i < weights.length; i++) {
                weights[i] = i == weights.length - 1 ? left : random.nextGaussian();
                left -= weights[i];
            }
            double[] forecast = new double[6];
            for (int i = 0; i < weights.length; i++) {
                for (int j = 0; j < 6; j++) {
                    forecast[j] += weights[i] * sums[count - 2 - i][j];
                }
            }
            assertThat(gram.error(weights))
                    .as("seed %d, trial %d", seed, trial)
                    .isCloseTo(Math.sqrt(square(sums[count - 1], forecast)), within(1e-9));
        }
    }

    @Test
    void forgetsTheOldestAndKnowsOnlyWhatWasMeasured() {
        Gram gram = new Gram(3);
        gram.push(1);
        gram.push(2, 1);
        gram.push(4, 2, 3);
        gram.push(7, 4, 5);
        assertThat(gram.size()).isEqualTo(3);
        assertThat(gram.step(2)).isEqualTo(2);
        assertThat(gram.square(0, 2)).isEqualTo(5);
        assertThat(gram.square(1, 2)).isEqualTo(2);
        gram.push(9);
        assertThat(gram.size()).isEqualTo(1);
    }
}
