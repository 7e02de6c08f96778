package io.adacache.adaptive;

import io.adacache.metric.Sums;
import io.adacache.metric.Sums.Rows;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * How wrong forecasts of a batch will be, for all its rows together and for each alone (docs/decisions/0013). State of one generation.
 *
 * <p>All rows are forecast by the same weights. Under {@link Rows#ANY} the error of a forecast is that of the row which it misses most, and
 * linear forecasts are damped as that of the row which changes most.
 */
final class RowErrors {
    private final Rows rule;
    private final int order;
    private final Gram together;
    private final List<Gram> alone = new ArrayList<>();
    private List<Outlook> outlooks = List.of();
    private Outlook outlook = Outlook.NONE;

    RowErrors(Rows rule, int order) {
        this.rule = rule;
        this.order = order;
        this.together = new Gram(order + 2);
    }

    /** Returns the distances of all rows together. */
    Gram gram() {
        return together;
    }

    /** Returns the outlook that decides. */
    Outlook outlook() {
        return outlook;
    }

    /**
     * Takes in a computed step.
     *
     * @param measured squared distances of the newest sum from those before it, newest first; those that are missing, or of other
     *     rows, are not known
     */
    void computed(int step, List<Sums> measured) {
        List<Sums> toKept = measured.stream()
                .takeWhile(sums -> sums.rows() == measured.get(0).rows())
                .toList();
        int before = together.size() == 0 ? 0 : together.step(0);
        int rows = toKept.isEmpty() ? alone.size() : toKept.get(0).rows();
        if (rows != alone.size()) {
            alone.clear();
            for (int row = 0; row < rows; row++) {
                alone.add(begun(before));
            }
        }
        together.push(step, toKept.stream().mapToDouble(sums -> sums.total()[0]).toArray());
        for (int row = 0; row < rows; row++) {
            int index = row;
            alone.get(row)
                    .push(
                            step,
                            toKept.stream()
                                    .mapToDouble(sums -> sums.row(index).total()[0])
                                    .toArray());
        }
        look(toKept);
    }

    /** What is known of a row before its first distance: that there was a sum. */
    private Gram begun(int before) {
        Gram gram = new Gram(order + 2);
        if (before > 0) {
            gram.push(before);
        }
        return gram;
    }

    private void look(List<Sums> toKept) {
        if (toKept.isEmpty()) {
            outlook = Outlook.NONE;
            outlooks = List.of();
            return;
        }
        Sums newest = toKept.get(0);
        List<Outlook> before = outlooks;
        outlooks = new ArrayList<>();
        for (int row = 0; row < alone.size(); row++) {
            Outlook own = Outlook.of(alone.get(row), norm(newest.row(row)), order);
            outlooks.add(before.size() == alone.size() ? after(own, before.get(row)) : own);
        }
        Outlook now = rule == Rows.ANY && alone.size() > 1 ? worst(newest) : Outlook.of(together, norm(newest), order);
        outlook = after(now, outlook);
    }

    /** Where nothing is forecast a change counts as it was measured: that is AdaCache's own rule. */
    private Outlook after(Outlook now, Outlook before) {
        return order > 0 ? now.after(before) : now;
    }

    private Outlook worst(Sums newest) {
        double damping = Outlook.changingMost(outlooks).damping();
        List<Outlook> alike = new ArrayList<>();
        for (int row = 0; row < alone.size(); row++) {
            alike.add(Outlook.of(alone.get(row), norm(newest.row(row)), order, damping));
        }
        return Outlook.worst(alike);
    }

    private static double norm(Sums newest) {
        return Math.sqrt(newest.total()[2]);
    }

    /** Returns of how many rows alone something holds. */
    long against(Predicate<Outlook> differs) {
        return outlooks.stream().filter(differs).count();
    }
}
