package io.adacache.tune;

import io.adacache.layout.Layout;
import io.adacache.layout.Site;
import io.adacache.metric.Metric;
import io.adacache.metric.Probe;
import io.adacache.policy.CachePolicy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleFunction;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/** Settings of policies for a model, and the best schedules there could be, from recordings of its uncached generations. Choose prompts that are not compared later. */
public final class Fitting {
    private static final int BISECTIONS = 40;

    private Fitting() {}

    /**
     * Returns TeaCache's polynomial: from the change of the first block's modulated input between neighbouring steps to the change
     * of the prediction, both relative L1, by least squares over all steps of all recordings. As published ({@code np.polyfit},
     * degree 4, about 70 prompts).
     *
     * @param recordings made with {@code teacache} among the policies
     * @return coefficients, highest power first
     */
    public static List<Double> teaCachePolynomial(List<Recording> recordings, int degree) {
        List<Double> inputs = new ArrayList<>();
        List<Double> outputs = new ArrayList<>();
        for (Recording recording : recordings) {
            Probe input = new Probe.Modulated(firstAttention(recording.layout()));
            for (int step = 2; step <= recording.generation().steps(); step++) {
                inputs.add(Metric.L1.distance(recording.distance(input, Metric.L1, step, step - 1)));
                outputs.add(Metric.L1.distance(recording.distance(new Probe.Prediction(), Metric.L1, step, step - 1)));
            }
        }
        return DoubleStream.of(LeastSquares.polynomial(doubles(inputs), doubles(outputs), degree))
                .boxed()
                .toList();
    }

    private static int firstAttention(Layout layout) {
        return layout.sites().stream()
                .filter(site -> site.kind().isSelfAttention())
                .mapToInt(Site::index)
                .findFirst()
                .orElse(0);
    }

    private static double[] doubles(List<Double> values) {
        return values.stream().mapToDouble(Double::doubleValue).toArray();
    }

    /**
     * Returns MagCache's ratios: the magnitude of what the whole stack adds, over that of the step before, from the second step
     * on; the mean over all recordings. The published ratios are means of the ratios of each token, these are of all tokens
     * together.
     */
    public static List<Double> magCacheRatios(List<Recording> recordings) {
        int steps = recordings.get(0).generation().steps();
        List<Double> ratios = new ArrayList<>();
        for (int step = 2; step <= steps; step++) {
            double sum = 0;
            for (Recording recording : recordings) {
                Probe stack = new Probe.SpanSum(recording.layout().stack());
                double[] squares =
                        recording.distance(stack, Metric.L2, step, step - 1).total();
                sum += Math.sqrt(squares[2] / squares[1]);
            }
            ratios.add(sum / recordings.size());
        }
        return ratios;
    }

    /**
     * Returns the setting with which a policy computes so many steps, by bisection: the policy must compute less the larger the
     * setting is.
     *
     * @param policy the policy with a setting (a threshold, a scale of a codebook)
     * @param work mean number of computed steps wanted; partial steps count by their share
     * @param low a setting with which more is computed
     * @param high a setting with which less is computed
     */
    public static double settingFor(
            List<Recording> recordings, DoubleFunction<CachePolicy> policy, double work, double low, double high) {
        double more = low;
        double less = high;
        for (int i = 0; i < BISECTIONS; i++) {
            double middle = (more + less) / 2;
            if (work(recordings, policy.apply(middle)) > work) {
                more = middle;
            } else {
                less = middle;
            }
        }
        return less;
    }

    /** Returns the mean number of computed steps of a policy over recordings; partial steps count by their share. */
    public static double work(List<Recording> recordings, CachePolicy policy) {
        return recordings.stream()
                .mapToDouble(recording -> recording.replay(policy).work())
                .average()
                .orElse(0);
    }

    /** What schedules cost whose reused steps are forecast linearly, damped, each error weighed by what it comes to. A proxy. */
    public interface ScheduleErrors {
        /** Returns the number of steps. */
        int steps();

        /**
         * Returns the sum over runs of reused steps of each run's error to a power.
         *
         * @param computed the computed steps, ascending, from 1
         * @param power 1 adds errors up, 4 shuns large ones; infinite: the largest of them
         */
        double cost(List<Integer> computed, double power);

        /**
         * Returns the schedule of so many computed steps with the least {@link #cost}: as text,
         * {@code steps:computed=...,forecast=1}.
         *
         * @throws IllegalArgumentException if the number is not within 1 and the number of steps
         */
        List<Integer> best(int computed, double power);
    }

    /**
     * Returns what schedules cost with forecasts, the mean over recordings of one number of steps: of one recording, what could have been
     * reached on it; of several, what a schedule without looking can reach.
     */
    public static ScheduleErrors scheduleErrors(List<Recording> recordings) {
        return ForecastErrors.of(recordings);
    }

    /**
     * What it costs to reuse an earlier step's result in a later step, and from it the best schedule of a given number of computed
     * steps. A proxy: the errors come from an uncached generation, they are added up although they interact, and every step
     * repeats the newest computed one.
     */
    public static final class ReuseErrors {
        private final double[][] errors;

        private ReuseErrors(double[][] errors) {
            this.errors = errors;
        }

        /**
         * Returns errors.
         *
         * @param errors {@code [n - 1][k - 1]}, for the step n that reuses the step k before it; the rest is not looked at
         */
        public static ReuseErrors of(double[][] errors) {
            double[][] copy = new double[errors.length][];
            for (int i = 0; i < errors.length; i++) {
                copy[i] = errors[i].clone();
            }
            return new ReuseErrors(copy);
        }

        /**
         * Returns the L1 differences of the recorded predictions. Where timesteps were announced, each counts by the way that the
         * sampler goes in its step, since that is how far a wrong prediction moves the latent. In units of what all predictions
         * together move it: a cost of 0.1 says that a tenth of the way is wrong.
         */
        public static ReuseErrors of(Recording recording) {
            int steps = recording.generation().steps();
            double[][] errors = new double[steps][steps];
            double magnitude = 0;
            double way = 0;
            for (int n = 2; n <= steps; n++) {
                double length = recording.generation().way(n - 1);
                way += length;
                for (int k = 1; k < n; k++) {
                    double[] sums = recording
                            .distance(new Probe.Prediction(), Metric.L1, n, k)
                            .total();
                    errors[n - 1][k - 1] = sums[0] * length;
                    magnitude += k == 1 ? sums[2] : 0;
                }
            }
            double scale = magnitude / Math.max(1, steps - 1) * way;
            for (double[] row : errors) {
                for (int k = 0; k < row.length; k++) {
                    row[k] /= scale;
                }
            }
            return new ReuseErrors(errors);
        }

        /** Returns the number of steps. */
        public int steps() {
            return errors.length;
        }

        private double error(int step, int computed) {
            return errors[step - 1][computed - 1];
        }

        /**
         * Returns the sum of the errors of all reused steps.
         *
         * @param computed the computed steps, ascending, from 1
         */
        public double cost(List<Integer> computed) {
            return evaluate(computed, Double::sum);
        }

        /** Returns the largest error of a reused step, 0 without one. */
        public double worst(List<Integer> computed) {
            return evaluate(computed, Math::max);
        }

        private double evaluate(List<Integer> computed, DoubleBinaryOperator combine) {
            if (computed.isEmpty() || computed.get(0) != 1) {
                throw new IllegalArgumentException("Step 1 is computed in every schedule, but got " + computed);
            }
            double total = 0;
            int newest = 1;
            for (int step = 2; step <= steps(); step++) {
                if (computed.contains(step)) {
                    newest = step;
                } else {
                    total = combine.applyAsDouble(total, error(step, newest));
                }
            }
            return total;
        }

        /**
         * Returns the schedule of so many computed steps with the least {@link #cost}: dynamic programming over the newest
         * computed step.
         *
         * @throws IllegalArgumentException if the number is not within 1 and the number of steps
         */
        public List<Integer> best(int computed) {
            return best(computed, Double::sum);
        }

        /** Returns the schedule of so many computed steps with the least {@link #worst}. Throws as {@link #best}. */
        public List<Integer> bestOfWorst(int computed) {
            return best(computed, Math::max);
        }

        private List<Integer> best(int computed, DoubleBinaryOperator combine) {
            int n = steps();
            if (computed < 1 || computed > n) {
                throw new IllegalArgumentException(
                        "Of " + n + " steps, 1 to " + n + " can be computed, not " + computed);
            }
            double[][] least = new double[computed + 1][n + 2];
            int[][] before = new int[computed + 1][n + 2];
            for (double[] row : least) {
                Arrays.fill(row, Double.POSITIVE_INFINITY);
            }
            least[1][1] = 0;
            // least[c][s]: c steps are computed before the end of a run of reused steps, the last of them s.
            // s = n + 1 is the end.
            for (int c = 1; c <= computed; c++) {
                for (int s = c; s <= n; s++) {
                    if (least[c][s] == Double.POSITIVE_INFINITY) {
                        continue;
                    }
                    double total = least[c][s];
                    for (int next = s + 1; next <= n + 1; next++) {
                        boolean end = next == n + 1;
                        if (end ? c == computed : c < computed) {
                            int row = end ? c : c + 1;
                            if (total < least[row][next]) {
                                least[row][next] = total;
                                before[row][next] = s;
                            }
                        }
                        if (!end) {
                            total = combine.applyAsDouble(total, error(next, s));
                        }
                    }
                }
            }
            List<Integer> steps = new ArrayList<>();
            int row = computed;
            for (int s = before[computed][n + 1]; s > 0; s = before[row][s], row--) {
                steps.add(0, s);
            }
            return steps;
        }

        /** Returns the schedule of so many computed steps, spaced evenly, the first and the last among them. */
        public List<Integer> even(int computed) {
            return IntStream.range(0, computed)
                    .map(i -> computed == 1 ? 1 : 1 + (int) Math.round((double) i * (steps() - 1) / (computed - 1)))
                    .boxed()
                    .toList();
        }
    }
}
