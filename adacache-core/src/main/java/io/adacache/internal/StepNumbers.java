package io.adacache.internal;

import io.adacache.metric.Measure;
import io.adacache.metric.Sums;
import io.adacache.policy.PolicyRun.StepView;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The numbers of one step, collected branch by branch and merged when asked for: what a policy sees, live, in a replay or in a
 * test. Not thread-safe.
 */
public class StepNumbers implements StepView {
    private final int number;
    private final Map<Measure.Distance, List<Sums>> distances = new HashMap<>();
    private final Map<Measure.Motion, List<List<Sums>>> motions = new HashMap<>();

    /**
     * Begins a step without numbers.
     *
     * @param number of the step, from 1
     */
    public StepNumbers(int number) {
        this.number = number;
    }

    /** Adds what one branch measured. */
    public final void add(Measure.Distance measure, Sums sums) {
        distances.computeIfAbsent(measure, key -> new ArrayList<>()).add(sums);
    }

    /** Adds what one branch measured, one {@link Sums} per stride. */
    public final void add(Measure.Motion measure, List<Sums> perStride) {
        motions.computeIfAbsent(measure, key -> new ArrayList<>()).add(perStride);
    }

    @Override
    public final int step() {
        return number;
    }

    @Override
    public final Optional<Sums> distance(Measure.Distance measure) {
        return Optional.ofNullable(distances.get(measure)).map(Sums::merge);
    }

    @Override
    public final List<Sums> motion(Measure.Motion measure) {
        List<List<Sums>> perBranch = motions.getOrDefault(measure, List.of());
        List<Sums> merged = new ArrayList<>();
        for (int i = 0; i < measure.strides().size() && !perBranch.isEmpty(); i++) {
            int stride = i;
            merged.add(
                    Sums.merge(perBranch.stream().map(sums -> sums.get(stride)).toList()));
        }
        return merged;
    }
}
