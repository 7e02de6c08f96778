package io.adacache.policy;

import io.adacache.layout.Span;
import io.adacache.metric.Measure;
import java.util.List;

/**
 * The state of a policy in one generation. It sees numbers only, never tensors, so the same run can be driven live or
 * replayed from a trace.
 *
 * <p>Per step: {@link #plan}, then {@link #decide} for each span in order, then {@link #completed} when all branches are done.
 * Decisions are asked for the branch that is called first; the other branches of the step follow them. Calls come from
 * one thread at a time.
 */
public interface PolicyRun {
    /** Returns what is to be measured; the same list for the whole generation. */
    default List<Measure> measures() {
        return List.of();
    }

    /** Returns how many kept sums per span a reuse may need, newest first; at least 1. */
    default int history() {
        return 1;
    }

    /** Returns how this step is cut up. Of this step, only the latent has been measured. */
    StepPlan plan(StepView step);

    /** Decides a span of a plan of spans. Known by now: what was measured before this span in this step. */
    Decision decide(Span span, StepView step);

    /**
     * Ends a step.
     *
     * @param step all that was measured in it, merged over its branches
     * @return the figures behind the decisions, for the trace; one entry per decision, possibly none
     */
    default List<Figures> completed(StepView step) {
        return List.of();
    }

    /** Whether a branch is to be called in a step. T-GATE drops the unconditional branch after its gate. */
    default boolean needs(String branch, int step) {
        return true;
    }
}
