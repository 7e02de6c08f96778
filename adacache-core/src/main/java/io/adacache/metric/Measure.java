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
     * @param probe residuals or the sum of a span
     * @param norm which sums are taken
     * @param strides distances between compared frames; one {@link Sums} each
     */
    record Motion(Probe probe, Metric norm, List<Integer> strides) implements Measure {
        /** Copies the strides and checks that they are positive, and that the probe has frames to compare. */
        public Motion {
            strides = List.copyOf(strides);
            if (!(probe instanceof Probe.Residuals || probe instanceof Probe.SpanSum)) {
                throw new IllegalArgumentException(
                        "Motion is measured on residuals and sums of spans, not on " + probe);
            }
            if (strides.isEmpty() || strides.stream().anyMatch(stride -> stride < 1)) {
                throw new IllegalArgumentException("Motion strides are 1 or more, but got " + strides);
            }
        }
    }

    /** What a probe is compared with. */
    enum Reference {
        /** The same probe when it was last taken. */
        LAST_TAKEN,
        /** The same probe when it was taken the time before the last. Two such distances and the one between both tell how straight it moves. */
        LAST_BUT_ONE_TAKEN,
        /** The same probe when it was taken two times before the last. With it, the error of a quadratic forecast is known too. */
        LAST_BUT_TWO_TAKEN,
        /** The same probe in the last step in which every span of the plan was computed. */
        LAST_COMPUTED_STEP
    }
}
