package io.adacache.policy;

import java.util.Arrays;
import java.util.Locale;

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
            for (double weight : weights) {
                if (!Double.isFinite(weight)) {
                    throw new IllegalArgumentException(
                            "Weights are finite numbers, but got " + Arrays.toString(weights));
                }
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

    /** Why a span was computed or reused. */
    enum Reason {
        /** The policy computes this span in every step. */
        ALWAYS,
        /** The first step of a generation. */
        FIRST,
        /** A step that the policy computes whatever was measured. */
        FORCED,
        /** The cache rate that the codebook gave. */
        CODEBOOK,
        /** A schedule that does not depend on measures. */
        SCHEDULE,
        /** A measure compared with a threshold. */
        THRESHOLD,
        /** Steps at the beginning that a policy computes to settle. */
        WARM_UP,
        /** A measured figure was not a number. */
        NOT_A_NUMBER,
        /** A limit on reused steps in a row or in total. */
        CAP,
        /** The policy wanted to reuse, but nothing was kept for this span. */
        NOTHING_KEPT,
        /** A step after the announced number of steps. */
        BEYOND_PLAN;

        /** Returns the name that traces and reports use, for example {@code not-a-number}. */
        public String id() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }
}
