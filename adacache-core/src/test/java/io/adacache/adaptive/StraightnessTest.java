package io.adacache.adaptive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.adacache.metric.Measure;
import io.adacache.metric.Measure.Reference;
import io.adacache.metric.Metric;
import io.adacache.metric.Probe;
import io.adacache.metric.Sums;
import io.adacache.policy.Forecast;
import io.adacache.policy.PolicyRun.StepView;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The share of the last forecast that came true, from distances alone, against the same from the vectors. */
class StraightnessTest {
    private static final Forecast LINEAR = new Forecast(Forecast.Scheme.POLYNOMIAL, 1, 1, 1);

    private static double squares(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += (a[i] - b[i]) * (a[i] - b[i]);
        }
        return sum;
    }

    /** Damping after residuals that were computed in some steps. */
    private static double damping(int[] steps, double[]... residuals) {
        Straightness straightness = new Straightness(new Probe.Prediction(), LINEAR, Sums.Rows.MEAN);
        Deque<Integer> kept = new ArrayDeque<>();
        for (int i = 0; i < steps.length; i++) {
            int now = i;
            straightness.measured(
                    new StepView() {
                        @Override
                        public int step() {
                            return steps[now];
                        }

                        @Override
                        public Optional<Sums> distance(Measure.Distance measure) {
                            assertThat(measure.metric()).isEqualTo(Metric.L2);
                            int back = measure.reference() == Reference.LAST_TAKEN ? 1 : 2;
                            return now < back
                                    ? Optional.empty()
                                    : Optional.of(Sums.of(
                                            new double[][] {{squares(residuals[now], residuals[now - back]), 1, 1}}));
                        }

                        @Override
                        public List<Sums> motion(Measure.Motion measure) {
                            return List.of();
                        }
                    },
                    kept);
            kept.addFirst(steps[i]);
        }
        return straightness.forecast().damping();
    }

    @Test
    void nothingIsForecastUntilThreeResidualsAreKnown() {
        assertThat(damping(new int[] {1, 2}, new double[] {0}, new double[] {1}))
                .isZero();
    }

    @Test
    void aStraightWayIsForecastInFullAndATurnNotAtAll() {
        int[] steps = {1, 2, 3};
        assertThat(damping(steps, new double[] {0, 0}, new double[] {1, 2}, new double[] {2, 4}))
                .isEqualTo(1);
        assertThat(damping(steps, new double[] {0, 0}, new double[] {1, 2}, new double[] {0, 0}))
                .isZero();
        assertThat(damping(steps, new double[] {0, 0}, new double[] {1, 2}, new double[] {1, 2}))
                .isZero();
        assertThat(damping(steps, new double[] {0, 0}, new double[] {2, 0}, new double[] {3, 5}))
                .isEqualTo(0.5);
    }

    @Test
    void agreesWithTheVectors() {
        Random random = new Random(8);
        for (int trial = 0; trial < 100; trial++) {
            double[][] residuals = new double[3][5];
            for (int i = 0; i < 5; i++) {
                residuals[0][i] = random.nextGaussian();
                double speed = random.nextGaussian();
                residuals[1][i] = residuals[0][i] + speed;
                residuals[2][i] = residuals[1][i] + speed + random.nextGaussian();
            }
            int back = 1 + random.nextInt(4);
            int ahead = 1 + random.nextInt(4);
            double dot = 0;
            for (int i = 0; i < 5; i++) {
                dot += (residuals[2][i] - residuals[1][i]) * (residuals[1][i] - residuals[0][i]);
            }
            double factor = Math.min(1, (double) ahead / back);
            double share = dot / (factor * squares(residuals[1], residuals[0]));
            assertThat(damping(new int[] {1, 1 + back, 1 + back + ahead}, residuals))
                    .as("trial %d", trial)
                    .isCloseTo(Math.max(0, Math.min(1, share)), within(1e-9));
        }
    }
}
