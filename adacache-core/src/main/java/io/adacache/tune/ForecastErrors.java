package io.adacache.tune;

import io.adacache.adaptive.Gram;
import io.adacache.adaptive.Profile;
import io.adacache.metric.Metric;
import io.adacache.metric.Probe;
import io.adacache.tune.Fitting.ScheduleErrors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Errors of runs of reused steps that are forecast linearly from the two computed steps before them, and the schedules with the least of
 * them: dynamic programming over the last two computed steps.
 *
 * <p>A run costs the weighted sum over its steps of {@code |S_m - S_j - d f (S_j - S_i)| / |S_m|}, i and j the computed steps before it, f the
 * way ahead over the way between them (at most 1), d in 0..1 the damping with which the run's squares add up to least: {@link Gram}'s
 * identity, on recorded distances. Means over recordings.
 */
final class ForecastErrors implements ScheduleErrors {
    private final int steps;
    /** By i, j and k: what the steps between j and k cost; i is 0 where j is the only one before. */
    private final double[][][] runs;

    private ForecastErrors(int steps, double[][][] runs) {
        this.steps = steps;
        this.runs = runs;
    }

    static ForecastErrors of(List<Recording> recordings) {
        int steps = recordings.get(0).generation().steps();
        double[][][] runs = new double[steps + 1][steps + 1][steps + 2];
        for (Recording recording : recordings) {
            if (recording.generation().steps() != steps) {
                throw new IllegalArgumentException("One schedule is for one number of steps, but the recordings have "
                        + steps + " and " + recording.generation().steps());
            }
            double[][] squares = squares(recording, steps);
            Profile profile = Profile.expected(recording.generation());
            for (int j = 1; j <= steps; j++) {
                for (int i = 0; i < j; i++) {
                    for (int k = j + 2; k <= steps + 1; k++) {
                        runs[i][j][k] += run(squares, profile, i, j, k) / recordings.size();
                    }
                }
            }
        }
        return new ForecastErrors(steps, runs);
    }

    /** Squared distances between steps, and on the diagonal squared norms. */
    private static double[][] squares(Recording recording, int steps) {
        Probe probe = recording.layout().isOpaque()
                ? new Probe.Prediction()
                : new Probe.SpanSum(recording.layout().stack());
        double[][] squares = new double[steps + 1][steps + 1];
        for (int n = 2; n <= steps; n++) {
            for (int k = 1; k < n; k++) {
                double[] sums = recording.distance(probe, Metric.L2, n, k).total();
                squares[n][k] = sums[0];
                squares[k][n] = sums[0];
                squares[k][k] = sums[1];
                squares[n][n] = sums[2];
            }
        }
        return squares;
    }

    private static double run(double[][] squares, Profile profile, int i, int j, int k) {
        double along = 0;
        double length = 0;
        for (int m = j + 1; m < k && i > 0; m++) {
            double weight = Math.pow(profile.weight(m), 2) / squares[m][m];
            double ahead = Math.min(1, (double) (m - j) / (j - i));
            along += weight * ahead * (squares[m][i] - squares[m][j] - squares[i][j]) / 2;
            length += weight * ahead * ahead * squares[i][j];
        }
        double damping = length > 0 ? Math.max(0, Math.min(1, along / length)) : 0;
        double cost = 0;
        for (int m = j + 1; m < k; m++) {
            double way = i > 0 ? damping * Math.min(1, (double) (m - j) / (j - i)) : 0;
            double error = i > 0
                    ? Gram.error((a, b) -> squares[a][b], m, new int[] {j, i}, new double[] {1 + way, -way})
                    : Math.sqrt(squares[m][j]);
            cost += profile.weight(m) * error / Math.sqrt(squares[m][m]);
        }
        return cost;
    }

    @Override
    public int steps() {
        return steps;
    }

    @Override
    public double cost(List<Integer> computed, double power) {
        if (computed.isEmpty() || computed.get(0) != 1) {
            throw new IllegalArgumentException("Step 1 is computed in every schedule, but got " + computed);
        }
        double total = 0;
        for (int at = 0; at < computed.size(); at++) {
            int before = at == 0 ? 0 : computed.get(at - 1);
            int next = at + 1 < computed.size() ? computed.get(at + 1) : steps + 1;
            total = combine(total, runs[before][computed.get(at)][next], power);
        }
        return total;
    }

    private static double combine(double total, double run, double power) {
        return Double.isInfinite(power) ? Math.max(total, run) : total + Math.pow(run, power);
    }

    @Override
    public List<Integer> best(int computed, double power) {
        if (computed < 1 || computed > steps) {
            throw new IllegalArgumentException(
                    "Of " + steps + " steps, 1 to " + steps + " can be computed, not " + computed);
        }
        // least[c][i][j]: c steps are computed, the last two of them i and j; before: the one before i.
        double[][][] least = new double[computed + 1][steps + 1][steps + 2];
        int[][][] before = new int[computed + 1][steps + 1][steps + 2];
        for (double[][] plane : least) {
            for (double[] row : plane) {
                Arrays.fill(row, Double.POSITIVE_INFINITY);
            }
        }
        least[1][0][1] = 0;
        for (int c = 1; c <= computed; c++) {
            for (int j = c; j <= steps; j++) {
                for (int i = c == 1 ? 0 : c - 1; i < j; i++) {
                    extend(least, before, c, i, j, power);
                }
            }
        }
        return trace(least[computed], before, computed);
    }

    private void extend(double[][][] least, int[][][] before, int c, int i, int j, double power) {
        double total = least[c][i][j];
        if (Double.isInfinite(total)) {
            return;
        }
        boolean more = c + 1 < least.length;
        for (int k = more ? j + 1 : steps + 1; k <= (more ? steps : steps + 1); k++) {
            double with = combine(total, runs[i][j][k], power);
            int row = k > steps ? c : c + 1;
            if (with < least[row][j][k]) {
                least[row][j][k] = with;
                before[row][j][k] = i;
            }
        }
    }

    private List<Integer> trace(double[][] ends, int[][][] before, int computed) {
        int last = IntStream.rangeClosed(1, steps)
                .boxed()
                .min((a, b) -> Double.compare(ends[a][steps + 1], ends[b][steps + 1]))
                .orElseThrow();
        List<Integer> schedule = new ArrayList<>(List.of(last));
        int k = steps + 1;
        int j = last;
        for (int row = computed; j > 0; ) {
            int i = before[row][j][k];
            row -= k > steps ? 0 : 1;
            if (i > 0) {
                schedule.add(0, i);
            }
            k = j;
            j = i;
        }
        return schedule;
    }
}
