package io.adacache.policy;

import java.util.Arrays;

/** What is done with one span, or with a whole call, in one step. */
public sealed interface Decision {
    /** Why. */
    Reason reason();

    /**
     * Compute.
     *
     * @param reason why
     * @param keep whether the sum may be reused later; a span that is always computed keeps nothing
     */
    record Compute(Reason reason, boolean keep) implements Decision {}

    /**
     * Add a weighted sum of what was kept: {@code [1]} repeats the newest, {@code [2, -1]} extrapolates linearly.
     *
     * @param reason why
     * @param weights newest first; at most as many as were kept
     */
    record Reuse(Reason reason, double[] weights) implements Decision {
        /** Copies the weights and checks that there is one. */
        public Reuse {
            weights = weights.clone();
            if (weights.length == 0) {
                throw new IllegalArgumentException("A reuse needs at least one weight");
            }
        }

        /** Returns a copy of the weights. */
        @Override
        public double[] weights() {
            return weights.clone();
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Reuse reuse && reuse.reason == reason && Arrays.equals(reuse.weights, weights);
        }

        @Override
        public int hashCode() {
            return 31 * reason.hashCode() + Arrays.hashCode(weights);
        }

        @Override
        public String toString() {
            return "Reuse[" + reason + ", " + Arrays.toString(weights) + "]";
        }
    }

    /** Returns the decision to compute and keep the sum. */
    static Decision compute(Reason reason) {
        return new Compute(reason, true);
    }

    /** Returns the decision to compute and keep nothing. */
    static Decision computeOnly(Reason reason) {
        return new Compute(reason, false);
    }

    /** Returns the decision to repeat the newest kept sum. */
    static Decision reuse(Reason reason) {
        return new Reuse(reason, new double[] {1});
    }
}
