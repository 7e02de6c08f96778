package io.adacache.replay;

import io.adacache.event.Trace.StepRecord;
import io.adacache.internal.SessionEngine;
import io.adacache.internal.SessionOptions;
import io.adacache.policy.CachePolicy;
import io.adacache.policy.Generation;
import io.adacache.spi.TensorOps.Storage;
import io.adacache.spi.Transformer;
import java.util.List;
import java.util.function.BiFunction;

/** A generation on a model without numbers: the real session, called as a service would. */
public final class ThoughtThrough {
    private ThoughtThrough() {}

    /**
     * Runs all steps, each for all branches that the policy needs.
     *
     * @param inputs of a branch in a step
     * @return a record per step; times are 0
     */
    public static <T> List<StepRecord> generation(
            Transformer<T> model,
            CachePolicy policy,
            Generation generation,
            BiFunction<String, Integer, List<T>> inputs) {
        return generation(model, policy, generation, Storage.FULL, inputs);
    }

    /** Runs all steps, as {@link #generation(Transformer, CachePolicy, Generation, BiFunction)} does, with kept sums stored so. */
    public static <T> List<StepRecord> generation(
            Transformer<T> model,
            CachePolicy policy,
            Generation generation,
            Storage storage,
            BiFunction<String, Integer, List<T>> inputs) {
        SessionEngine<T> session =
                new SessionEngine<>(model, policy, generation, SessionOptions.thoughtThrough(storage));
        try {
            for (int step = 1; step <= generation.steps(); step++) {
                for (String branch : generation.branches()) {
                    if (session.needs(branch, step)) {
                        session.step(step, branch, inputs.apply(branch, step));
                    }
                }
            }
            return session.records();
        } finally {
            session.close();
        }
    }
}
