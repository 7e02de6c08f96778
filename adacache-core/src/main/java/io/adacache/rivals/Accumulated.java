package io.adacache.rivals;

import io.adacache.metric.Sums.Rows;
import java.util.Arrays;

/** Changes that are added up from step to step: of all rows of a batch together, and of each alone. */
final class Accumulated {
    private final Rows rule;
    private double together;
    private double[] rows = {};

    Accumulated(Rows rule) {
        this.rule = rule;
    }

    void add(Change change) {
        double[] changes = change.rows();
        if (rows.length != changes.length) { // other rows than before: each has changed as much as all had
            rows = new double[changes.length];
            Arrays.fill(rows, together);
        }
        together += change.together();
        for (int row = 0; row < rows.length; row++) {
            rows[row] += changes[row];
        }
    }

    void clear() {
        together = 0;
        Arrays.fill(rows, 0);
    }

    /** Returns the sum that decides; not a number where one of the changes was none. */
    double decisive() {
        return rule == Rows.ANY && rows.length > 0
                ? Arrays.stream(rows).reduce(Double.NEGATIVE_INFINITY, Math::max)
                : together;
    }

    /** Returns how many rows alone are on the other side of a threshold. */
    long against(double threshold) {
        boolean below = decisive() < threshold;
        return Arrays.stream(rows)
                .filter(row -> !Double.isNaN(row) && row < threshold != below)
                .count();
    }
}
