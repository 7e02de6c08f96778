package io.adacache.internal;

import io.adacache.metric.Measure;
import io.adacache.metric.Sums;
import io.adacache.policy.PolicyRun.StepView;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The numbers of one step, collected branch by branch and merged when asked for: what a policy sees, live, in a replay or in a
 * test. Not thread-safe.
 */
public class StepNumbers implements StepView {
    private final int number;
    private final Set<Measure> declared;
    private final Map<Measure.Distance, List<Sums>> distances = new HashMap<>();
    private final Map<Measure.Motion, List<List<Sums>>> motions = new HashMap<>();

    /**
     * Begins a step without numbers.
     *
     * @param number of the step, from 1
     * @param declared what is measured, and so may be asked for
     */
    public StepNumbers(int number, Set<Measure> declared) {
        this.number = number;
        this.declared = declared;
    }

    /** What nobody measures would be missing for ever, as something that has nothing to be compared with is at first. */
    private void checkDeclared(Measure measure) {
        if (!declared.contains(measure)) {
            throw new IllegalArgumentException(
                    "A policy asks for " + measure + ", which its run does not declare:" + " measures() must list it");
        }
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
        checkDeclared(measure);
        return Optional.ofNullable(distances.get(measure)).map(Sums::merge);
    }

    @Override
    public final List<Sums> motion(Measure.Motion measure) {
        checkDeclared(measure);
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
