package io.adacache.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.adacache.policy.Forecast.Scheme;
import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ForecastTest {
    private static double apply(Forecast forecast, double[] kept, double at, DoubleUnaryOperator residual) {
        double[] weights = forecast.weights(kept, at);
        return IntStream.range(0, weights.length)
                .mapToDouble(i -> weights[i] * residual.applyAsDouble(kept[i]))
                .sum();
    }

    @Test
    void repeatsTheNewest() {
        assertThat(Forecast.REPEAT.weights(new double[] {7, 5, 2}, 9)).containsExactly(1);
    }

    @Test
    void linearWeights() {
        for (Scheme scheme : Scheme.values()) {
            assertThat(new Forecast(scheme, 1, 1, Double.POSITIVE_INFINITY).weights(new double[] {7, 5}, 9))
                    .containsExactly(2, -1);
            assertThat(new Forecast(scheme, 1, 0.5, Double.POSITIVE_INFINITY).weights(new double[] {7, 5}, 9))
                    .containsExactly(1.5, -0.5);
        }
    }

    @Test
    void takesWhatOrderItCan() {
        assertThat(new Forecast(Scheme.TAYLOR, 2, 1, Double.POSITIVE_INFINITY).weights(new double[] {1}, 3))
                .containsExactly(1);
        assertThat(new Forecast(Scheme.TAYLOR, 2, 1, Double.POSITIVE_INFINITY).weights(new double[] {2, 1}, 3))
                .containsExactly(2, -1);
    }

    @Test
    void polynomialsAreExactWhateverTheGaps() {
        Random random = new Random(17);
        for (int trial = 0; trial < 100; trial++) {
            double a = random.nextGaussian();
            double b = random.nextGaussian();
            double c = random.nextGaussian();
            DoubleUnaryOperator parabola = x -> a * x * x + b * x + c;
            int newest = 10 + random.nextInt(20);
            int middle = newest - 1 - random.nextInt(4);
            double[] kept = {newest, middle, middle - 1 - random.nextInt(4)};
            double at = newest + 1 + random.nextInt(6);
            assertThat(apply(new Forecast(Scheme.POLYNOMIAL, 2, 1, Double.POSITIVE_INFINITY), kept, at, parabola))
                    .as("trial %d", trial)
                    .isCloseTo(parabola.applyAsDouble(at), within(1e-6));
        }
    }

    @Test
    void looksNoFurtherThanItsReach() {
        Forecast forecast = new Forecast(Scheme.POLYNOMIAL, 1, 1, 1);
        assertThat(forecast.weights(new double[] {2, 1}, 3)).containsExactly(2, -1);
        assertThat(forecast.weights(new double[] {2, 1}, 6)).containsExactly(2, -1);
        assertThat(forecast.weights(new double[] {7, 5}, 8)).containsExactly(1.5, -0.5);
        // Timesteps fall.
        assertThat(forecast.weights(new double[] {300, 400}, 100)).containsExactly(2, -1);
    }
}
