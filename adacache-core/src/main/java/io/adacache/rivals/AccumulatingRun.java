package io.adacache.rivals;

import io.adacache.metric.Sums.Rows;
import io.adacache.policy.Decision;
import io.adacache.policy.Decision.Reason;
import io.adacache.policy.Figures;
import io.adacache.policy.PolicyRun;
import java.util.List;

/**
 * A generation in which the change that is expected of the output is added up from step to step: while the sum is below a
 * threshold, what was kept is reused; else the step is computed, and the sum begins anew. A change that is not a number computes.
 */
abstract class AccumulatingRun implements PolicyRun {
    private final double threshold;
    private final Forced forced;
    private final Accumulated sum;
    private Figures figures = Figures.none();

    AccumulatingRun(double threshold, Forced forced, Rows rows) {
        this.threshold = threshold;
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
            sum.add(change);
            figures = measured.with(Figures.ACCUMULATED, sum.decisive())
                    .against(sum.decisive(), threshold)
                    .withRowsAgainst(sum.against(threshold));
            if (sum.decisive() < threshold) {
                return Decision.reuse(Reason.THRESHOLD);
            }
        }
        Decision decision = Decision.compute(reason(step, free));
        sum.clear();
        return decision;
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
