package io.adacache.metric;

import java.util.List;

/** What a policy wants to know of a probe. Measures yield {@link Sums}, never tensors. */
public sealed interface Measure {
    /** The tensor that is measured. */
    Probe probe();

    /**
     * How far the probe is from what it was.
     *
     * @param probe the tensor
     * @param metric which sums are taken
     * @param reference what it is compared with
     */
    record Distance(Probe probe, Metric metric, Reference reference) implements Measure {}

    /**
     * How much the frames of the probe differ from each other.
     *
     * @param probe a tensor shaped as the hidden state
     * @param norm which sums are taken
     * @param strides distances between compared frames; one {@link Sums} each
     */
    record Motion(Probe probe, Metric norm, List<Integer> strides) implements Measure {
        /** Copies the strides and checks that they are positive. */
        public Motion {
            strides = List.copyOf(strides);
            if (strides.isEmpty() || strides.stream().anyMatch(stride -> stride < 1)) {
                throw new IllegalArgumentException("Motion strides are 1 or more, but got " + strides);
            }
        }
    }
}
