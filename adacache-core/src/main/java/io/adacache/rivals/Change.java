package io.adacache.rivals;

import io.adacache.metric.Sums;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/**
 * A change as it was measured: of all rows of a batch together, and of each alone.
 *
 * @param rows empty where there is one row, or nothing was measured
 */
record Change(double together, double[] rows) {
    /** Returns a change that is known, not measured. */
    static Change known(double value) {
        return new Change(value, new double[0]);
    }

    /** Returns what a formula makes of a measure; not a number where there is none. */
    static Change of(Optional<Sums> measured, ToDoubleFunction<Sums> formula) {
        double together = measured.map(formula::applyAsDouble).orElse(Double.NaN);
        return measured.filter(sums -> sums.rows() > 1)
                .map(sums -> new Change(
                        together, sums.perRow().stream().mapToDouble(formula).toArray()))
                .orElse(known(together));
    }
}
