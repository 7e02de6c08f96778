package io.adacache.rivals;

import io.adacache.metric.Sums.Rows;
import io.adacache.policy.Decision;
import io.adacache.policy.Decision.Reason;
import io.adacache.policy.Figures;
import io.adacache.policy.PolicyRun;
import io.adacache.policy.Setting;
import java.util.List;

/**
 * A generation in which the change that is expected of the output is added up from step to step: while the sum is below a
 * threshold, what was kept is reused; else the step is computed, and the sum begins anew. A change that is not a number computes.
 */
abstract class AccumulatingRun implements PolicyRun {
    /** How much the threshold is lowered where the signal bends; as a setting of the policies that accumulate. */
    static final Setting<Double> BEND = Setting.number(
                    "bend",
                    "lowers the threshold where the change bends, by 1 / (1 + bend * second difference); ACID; 0 never")
            .where(value -> value >= 0, "0 or more")
            .or(0);

    private final double threshold;
    private final double bend;
    private final Forced forced;
    private final Accumulated sum;
    private double lastChange = Double.NaN;
    private Figures figures = Figures.none();

    AccumulatingRun(double threshold, double bend, Forced forced, Rows rows) {
        this.threshold = threshold;
        this.bend = bend;
        this.forced = forced;
        this.sum = new Accumulated(rows);
    }

    @Override
    public final List<String> warnings() {
        return forced.warnings();
    }

    /**
     * Decides a step.
     *
     * @param step from 0
     * @param change expected since the step before; without meaning in forced steps
     * @param measured figures behind it
     */
    final Decision accumulate(int step, Change change, Figures measured) {
        boolean free = !forced.contains(step);
        figures = measured;
        if (free) {
            double before = sum.decisive();
            sum.add(change);
            double limit = limit(sum.decisive() - before);
            figures = measured.with(Figures.ACCUMULATED, sum.decisive())
                    .against(sum.decisive(), limit)
                    .withRowsAgainst(sum.against(limit));
            if (sum.decisive() < limit) {
                return Decision.reuse(Reason.THRESHOLD);
            }
        }
        Decision decision = Decision.compute(reason(step, free));
        sum.clear();
        return decision;
    }

    /** The threshold, lower where the accumulated signal bends: where its steps differ, relative to the threshold (ACID). */
    private double limit(double change) {
        double second = Math.abs(change - lastChange);
        lastChange = change;
        return bend > 0 && Double.isFinite(second) ? threshold / (1 + bend * second / threshold) : threshold;
    }

    private Reason reason(int step, boolean free) {
        if (step == 0) {
            return Reason.FIRST;
        }
        return !free ? Reason.FORCED : Double.isFinite(sum.decisive()) ? Reason.THRESHOLD : Reason.NOT_A_NUMBER;
    }

    @Override
    public List<Figures> completed(StepView step) {
        return figures.asMap().isEmpty() ? List.of() : List.of(figures);
    }
}
