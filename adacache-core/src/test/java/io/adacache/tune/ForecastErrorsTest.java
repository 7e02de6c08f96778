package io.adacache.tune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.adacache.layout.Layout;
import io.adacache.metric.Metric;
import io.adacache.metric.Probe;
import io.adacache.metric.Sums;
import io.adacache.policy.Generation;
import io.adacache.replay.Recorded;
import io.adacache.replay.Recorded.Pair;
import io.adacache.tune.Fitting.ScheduleErrors;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;

/** Schedules of least error with forecasts, against all schedules that there are. */
class ForecastErrorsTest {
    private static Recording recording(int steps, double[][] points) {
        Map<Pair, Sums> distances = new LinkedHashMap<>();
        for (int n = 2; n <= steps; n++) {
            for (int k = 1; k < n; k++) {
                double[] now = points[n - 1];
                double[] then = points[k - 1];
                distances.put(
                        new Pair(new Probe.Prediction(), Metric.L2, Generation.SINGLE_BRANCH, n, k),
                        Sums.of(new double[][] {
                            {
                                Math.pow(now[0] - then[0], 2) + Math.pow(now[1] - then[1], 2),
                                then[0] * then[0] + then[1] * then[1],
                                now[0] * now[0] + now[1] * now[1]
                            }
                        }));
            }
        }
        return Recording.of(Layout.opaque(), Generation.of(steps), new Recorded(distances, Map.of()));
    }

    private static Recording along(int steps, IntToDoubleFunction x) {
        double[][] points = new double[steps][];
        for (int n = 1; n <= steps; n++) {
            points[n - 1] = new double[] {x.applyAsDouble(n), 1};
        }
        return recording(steps, points);
    }

    private static List<List<Integer>> all(int steps, int computed) {
        List<List<Integer>> all = new ArrayList<>();
        for (int bits = 1; bits < 1 << steps; bits += 2) {
            if (Integer.bitCount(bits) == computed) {
                List<Integer> schedule = new ArrayList<>();
                for (int n = 1; n <= steps; n++) {
                    if ((bits & 1 << (n - 1)) != 0) {
                        schedule.add(n);
                    }
                }
                all.add(schedule);
            }
        }
        return all;
    }

    @Test
    void findsTheBestOfAllSchedules() {
        long seed = 20261127;
        Random random = new Random(seed);
        int steps = 10;
        for (int trial = 0; trial < 5; trial++) {
            List<Recording> recordings = new ArrayList<>();
            for (int each = 0; each < 1 + trial % 2; each++) {
                double[][] points = new double[steps][2];
                for (int n = 0; n < steps; n++) {
                    points[n] = new double[] {n * random.nextDouble(), 1 + random.nextGaussian()};
                }
                recordings.add(recording(steps, points));
            }
            ScheduleErrors errors = Fitting.scheduleErrors(recordings);
            for (double power : new double[] {1, 4, Double.POSITIVE_INFINITY}) {
                for (int computed = 1; computed <= steps; computed++) {
                    List<Integer> best = errors.best(computed, power);
                    assertThat(best).hasSize(computed).startsWith(1);
                    double least = all(steps, computed).stream()
                            .mapToDouble(schedule -> errors.cost(schedule, power))
                            .min()
                            .orElseThrow();
                    assertThat(errors.cost(best, power))
                            .as("seed %d, trial %d, power %s, %d computed", seed, trial, power, computed)
                            .isCloseTo(least, within(1e-9 * (1 + least)));
                }
            }
        }
    }

    @Test
    void aStraightWayIsForecastForNothing() {
        ScheduleErrors errors = Fitting.scheduleErrors(List.of(along(7, n -> n)));
        assertThat(errors.cost(List.of(1, 3, 5, 7), 1)).isGreaterThan(0);
        assertThat(errors.cost(List.of(1, 2, 3, 5, 7), 1)).isCloseTo(0, within(1e-6));
        assertThat(errors.cost(List.of(1, 2, 5, 7), 1)).isGreaterThan(0.01);
    }

    @Test
    void repeatsAfterTheFirst() {
        ScheduleErrors errors = Fitting.scheduleErrors(List.of(along(2, n -> n - 1)));
        // Weights have a median of 1 over 30 steps: of two steps, that is the larger one's, and counts 15 times.
        assertThat(errors.cost(List.of(1), 1)).isCloseTo(15 / Math.sqrt(2), within(1e-9));
    }

    @Test
    void refusesWhatIsNoSchedule() {
        ScheduleErrors errors = Fitting.scheduleErrors(List.of(along(4, n -> n)));
        assertThatThrownBy(() -> errors.best(5, 1)).hasMessageContaining("1 to 4 can be computed");
        assertThatThrownBy(() -> errors.cost(List.of(2), 1)).hasMessageContaining("Step 1 is computed");
        assertThatThrownBy(() -> Fitting.scheduleErrors(List.of(along(4, n -> n), along(5, n -> n))))
                .hasMessageContaining("one number of steps");
    }
}
