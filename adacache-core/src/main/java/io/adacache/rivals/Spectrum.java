package io.adacache.rivals;

import io.adacache.layout.Layout;
import io.adacache.layout.Part;
import io.adacache.policy.CachePolicy;
import io.adacache.policy.Decision;
import io.adacache.policy.Decision.Reason;
import io.adacache.policy.Forecast;
import io.adacache.policy.Forecast.Scheme;
import io.adacache.policy.Generation;
import io.adacache.policy.PolicyProvider;
import io.adacache.policy.PolicyRun;
import io.adacache.policy.Setting;
import io.adacache.policy.Settings;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Spectrum: a ridge regression on Chebyshev polynomials through what was computed, at intervals that grow.
 *
 * <p>Computed are the first steps, then each in which (reused in a row + 1) is a multiple of {@code floor(w)}; w begins at {@code
 * window} and grows by {@code growth} with each. With X the polynomials T_0..T_m at the kept steps, {@code tau = 2 s / steps - 1}, and x
 * those at the wanted one, the weights are {@code X (X'X + ridge I)^-1 x}, times {@code blend}, plus the linear forecast times what is
 * left. Source: Spectrum (arXiv 2603.01623) and its {@code src/utils/basis_utils.py}. Different here: the constant T_0 is not
 * penalised, so that weights add up to 1 (as published they add up to 0.73 to 0.95, which shrinks what stands still); {@code history}
 * kept sums instead of all; tau by the generation's steps, not by 50; the stack's sum instead of the last hidden state.
 */
final class Spectrum implements CachePolicy {
    private static final Setting<Double> GROWTH = Setting.number(
                    "growth", "by which the interval grows; published: 0.75 slow, 3 fast")
            .where(growth -> growth >= 0, "0 or more")
            .or(0.75);
    private static final Setting<Integer> WINDOW =
            Scope.atLeast(1, "window", "the first interval").or(2);
    private static final Setting<Integer> FIRST = Scope.atLeast(1, "first", "steps at the beginning that are computed")
            .or(5);
    private static final Setting<Integer> ORDER = Setting.integer("order", "of the polynomials, 1 to 6")
            .where(order -> order >= 1 && order <= 6, "1 to 6")
            .or(4);
    private static final Setting<Double> RIDGE = Setting.number("ridge", "penalty on all but the constant")
            .where(ridge -> ridge > 0, "greater than 0")
            .or(0.1);
    private static final Setting<Double> BLEND = Setting.number(
                    "blend", "share of the regression; the rest is the linear forecast; published: 0.5 to 1")
            .where(share -> share >= 0 && share <= 1, "0 to 1")
            .or(0.5);
    private static final Setting<Integer> HISTORY =
            Scope.atLeast(2, "history", "kept sums; older ones weigh little").or(6);

    private final String name;
    private final double growth;
    private final int window;
    private final int first;
    private final boolean firstGiven;
    private final int order;
    private final double ridge;
    private final double blend;
    private final int history;

    private Spectrum(Settings settings) {
        name = settings.policy();
        growth = settings.get(GROWTH);
        window = settings.get(WINDOW);
        first = settings.get(FIRST);
        firstGiven = settings.isGiven(FIRST);
        order = settings.get(ORDER);
        ridge = settings.get(RIDGE);
        blend = settings.get(BLEND);
        history = settings.get(HISTORY);
    }

    static PolicyProvider provider() {
        return PolicyProvider.of(
                "spectrum",
                "Spectrum: growing intervals, forecasts by ridge regression on Chebyshev polynomials",
                GROWTH,
                List.of(GROWTH, WINDOW, FIRST, ORDER, RIDGE, BLEND, HISTORY),
                Spectrum::new);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Set<Requirement> requirements() {
        return Set.of();
    }

    @Override
    public PolicyRun begin(Layout layout, Generation generation) {
        Forced forced = new Forced(name, first, 0, generation.steps()).check(firstGiven);
        return new Run(layout.isOpaque() ? Part.Call.PREDICTION : layout.stack(), forced);
    }

    /**
     * Returns the weights of kept sums.
     *
     * @param kept steps from 0, newest first, at least two
     * @param at the step that is wanted
     */
    double[] weights(List<Integer> kept, int at, int steps) {
        int size = order + 1;
        double[][] matrix = new double[size][size + 1];
        double[][] rows = new double[kept.size()][];
        for (int k = 0; k < rows.length; k++) {
            rows[k] = chebyshev(kept.get(k), steps);
            for (int i = 0; i < size; i++) {
                for (int j = 0; j < size; j++) {
                    matrix[i][j] += rows[k][i] * rows[k][j];
                }
            }
        }
        double[] wanted = chebyshev(at, steps);
        for (int i = 0; i < size; i++) {
            matrix[i][i] += i == 0 ? 0 : ridge;
            matrix[i][size] = wanted[i];
        }
        double[] solved = solve(matrix);
        double[] positions = kept.stream().mapToDouble(Integer::doubleValue).toArray();
        double[] linear = new Forecast(Scheme.POLYNOMIAL, 1, 1, Double.POSITIVE_INFINITY).weights(positions, at);
        double[] weights = new double[rows.length];
        for (int k = 0; k < weights.length; k++) {
            for (int i = 0; i < size; i++) {
                weights[k] += blend * rows[k][i] * solved[i];
            }
            weights[k] += k < linear.length ? (1 - blend) * linear[k] : 0;
        }
        return weights;
    }

    private double[] chebyshev(int step, int steps) {
        double tau = 2.0 * step / steps - 1;
        double[] values = new double[order + 1];
        values[0] = 1;
        values[1] = tau;
        for (int i = 2; i < values.length; i++) {
            values[i] = 2 * tau * values[i - 1] - values[i - 2];
        }
        return values;
    }

    /** Solves a positive definite system by elimination; the last column is the right-hand side. */
    private static double[] solve(double[][] matrix) {
        int size = matrix.length;
        for (int i = 0; i < size; i++) {
            for (int row = i + 1; row < size; row++) {
                double factor = matrix[row][i] / matrix[i][i];
                for (int j = i; j <= size; j++) {
                    matrix[row][j] -= factor * matrix[i][j];
                }
            }
        }
        double[] solved = new double[size];
        for (int i = size - 1; i >= 0; i--) {
            double rest = matrix[i][size];
            for (int j = i + 1; j < size; j++) {
                rest -= matrix[i][j] * solved[j];
            }
            solved[i] = rest / matrix[i][i];
        }
        return solved;
    }

    private final class Run implements PolicyRun {
        private final Part part;
        private final Forced forced;
        private final List<Integer> kept = new ArrayList<>();
        private double interval = window;
        private int inRow;

        Run(Part part, Forced forced) {
            this.part = part;
            this.forced = forced;
        }

        @Override
        public int history() {
            return history;
        }

        @Override
        public List<String> warnings() {
            return forced.warnings();
        }

        @Override
        public List<Part> plan(StepView step) {
            return List.of(part);
        }

        @Override
        public Decision decide(Part decided, StepView step) {
            int now = step.step() - 1;
            boolean begins = forced.contains(now);
            if (!begins && (inRow + 1) % (int) interval != 0) {
                inRow++;
                double[] weights =
                        kept.size() < 2 ? new double[] {1} : Spectrum.this.weights(kept, now, forced.steps());
                return new Decision.Reuse(Reason.SCHEDULE, weights);
            }
            interval += begins ? 0 : growth;
            inRow = 0;
            kept.add(0, now);
            if (kept.size() > history) {
                kept.remove(history);
            }
            return Decision.compute(now == 0 ? Reason.FIRST : begins ? Reason.WARM_UP : Reason.SCHEDULE);
        }
    }
}
