package io.adacache.policy;

import io.adacache.layout.Part;
import io.adacache.metric.Measure;
import io.adacache.metric.Sums;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * The state of a policy in one generation. It sees numbers only, never tensors, so the same run can be driven live or
 * replayed from a recording.
 *
 * <p>Per step: {@link #plan}, then {@link #decide} for each part in order, then {@link #completed} when all branches are done.
 * Plan and decisions are asked for the branch that is called first; the other branches of the step follow them. Calls come from
 * one thread at a time.
 */
public interface PolicyRun {
    /** Returns what is to be measured; the same list for the whole generation. */
    default List<Measure> measures() {
        return List.of();
    }

    /** Returns how many kept tensors per part a reuse may need, newest first; at least 1. */
    default int history() {
        return 1;
    }

    /** Returns what is to be said once, when the generation begins: settings that are out of their scope here, a line each. */
    default List<String> warnings() {
        return List.of();
    }

    /**
     * Returns how this step is cut up: spans that cover the layout once, in order, or one {@link Part.Call}. What was kept of parts
     * that are not in the plan is freed. Of this step, only the latent has been measured.
     */
    List<? extends Part> plan(StepView step);

    /** Decides a part of the plan. Known by now: what was measured before this part in this step. */
    Decision decide(Part part, StepView step);

    /**
     * Ends a step.
     *
     * @param step all that was measured in it, merged over its branches
     * @return the figures behind the decisions, for the trace: one entry per part, in the order of the plan; an empty list where
     *     there are none at all
     */
    default List<Figures> completed(StepView step) {
        return List.of();
    }

    /** Whether a branch is to be called in a step. T-GATE drops the unconditional branch after its gate. */
    default boolean needs(String branch, int step) {
        return true;
    }

    /** What a policy knows inside a step: numbers measured so far in this step, merged over the branches called so far. */
    interface StepView {
        /** Returns the step's number, from 1. */
        int step();

        /**
         * Returns how many steps may still be computed in the time that the generation is to take, this one included, as a real number;
         * empty where no time was set, or nothing is known yet. A policy that spends a budget spends no more than that.
         */
        default OptionalDouble affordable() {
            return OptionalDouble.empty();
        }

        /** Whether this step is to be computed whatever the policy would do: the session computes it in any case. */
        default boolean mustCompute() {
            return false;
        }

        /**
         * Returns the sums of a distance, or empty if it was not measured in this step (nothing to compare with yet).
         *
         * @throws IllegalArgumentException if {@link PolicyRun#measures} does not list it: it would be missing for ever
         */
        Optional<Sums> distance(Measure.Distance measure);

        /**
         * Returns the sums of a motion measure, one per stride, or an empty list if it was not measured in this step.
         *
         * @throws IllegalArgumentException if {@link PolicyRun#measures} does not list it
         */
        List<Sums> motion(Measure.Motion measure);
    }
}
