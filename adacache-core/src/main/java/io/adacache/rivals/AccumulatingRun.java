package io.adacache.rivals;

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
    private double sum;
    private Figures figures = Figures.none();

    AccumulatingRun(double threshold, Forced forced) {
        this.threshold = threshold;
        this.forced = forced;
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
    final Decision accumulate(int step, double change, Figures measured) {
        boolean free = !forced.contains(step);
        sum = free ? sum + change : 0;
        figures = free ? measured.with(Figures.ACCUMULATED, sum).against(sum, threshold) : measured;
        if (free && sum < threshold) {
            return Decision.reuse(Reason.THRESHOLD);
        }
        Decision decision = Decision.compute(reason(step, free));
        sum = 0;
        return decision;
    }

    private Reason reason(int step, boolean free) {
        if (step == 0) {
            return Reason.FIRST;
        }
        return !free ? Reason.FORCED : Double.isFinite(sum) ? Reason.THRESHOLD : Reason.NOT_A_NUMBER;
    }

    @Override
    public List<Figures> completed(StepView step) {
        return figures.asMap().isEmpty() ? List.of() : List.of(figures);
    }
}
