package io.adacache;

import io.adacache.event.StepRecord;
import java.util.List;

/**
 * The record of a session: what was announced and what was decided and measured in each step.
 *
 * @param policy name of the policy
 * @param announcedSteps number of steps that was announced
 * @param steps one record per completed step
 */
public record Trace(String policy, int announcedSteps, List<StepRecord> steps) {
    /** Copies the list. */
    public Trace {
        steps = List.copyOf(steps);
    }

    /** Returns the numbers of the steps in which everything was computed. */
    public List<Integer> computedSteps() {
        return steps.stream()
                .filter(StepRecord::isComputed)
                .map(StepRecord::step)
                .toList();
    }
}
