package io.adacache.tune;

import io.adacache.layout.Layout;
import io.adacache.layout.Site;
import io.adacache.metric.Metric;
import io.adacache.metric.Probe;
import io.adacache.policy.CachePolicy;
import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleFunction;
import java.util.stream.DoubleStream;

/** Settings of policies for a model, from recordings of its uncached generations. Choose prompts that are not compared later. */
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
        return DoubleStream.of(polynomial(doubles(inputs), doubles(outputs), degree))
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

    /** Returns the polynomial of a degree that fits points with the least sum of squares: QR by Gram-Schmidt, done twice. */
    static double[] polynomial(double[] x, double[] y, int degree) {
        if (x.length <= degree) {
            throw new IllegalArgumentException(
                    "A polynomial of degree " + degree + " needs more than " + degree + " points, but got " + x.length);
        }
        int n = degree + 1;
        double[][] q = new double[n][x.length];
        double[][] r = new double[n][n];
        double[] projected = new double[n];
        for (int c = 0; c < n; c++) {
            for (int i = 0; i < x.length; i++) {
                q[c][i] = Math.pow(x[i], c);
            }
            for (int pass = 0; pass < 2; pass++) {
                for (int b = 0; b < c; b++) {
                    double dot = dot(q[b], q[c]);
                    r[b][c] += dot;
                    for (int i = 0; i < x.length; i++) {
                        q[c][i] -= dot * q[b][i];
                    }
                }
            }
            r[c][c] = Math.sqrt(dot(q[c], q[c]));
            for (int i = 0; i < x.length; i++) {
                q[c][i] /= r[c][c];
            }
            projected[c] = dot(q[c], y);
        }
        double[] highestFirst = new double[n];
        for (int c = n - 1; c >= 0; c--) {
            double value = projected[c];
            for (int later = c + 1; later < n; later++) {
                value -= r[c][later] * highestFirst[n - 1 - later];
            }
            highestFirst[n - 1 - c] = value / r[c][c];
        }
        return highestFirst;
    }

    private static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }
}
