package io.adacache.policy;

import io.adacache.metric.Measure;
import io.adacache.metric.Sums;
import java.util.List;
import java.util.Optional;

/** What a policy knows inside a step: numbers measured so far in this step, merged over the branches called so far. */
public interface StepView {
    /** Returns the step's number, from 1. */
    int step();

    /** Returns the sums of a distance, or empty if it was not measured in this step (nothing to compare with yet). */
    Optional<Sums> distance(Measure.Distance measure);

    /** Returns the sums of a motion measure, one per stride, or an empty list if it was not measured in this step. */
    List<Sums> motion(Measure.Motion measure);
}
