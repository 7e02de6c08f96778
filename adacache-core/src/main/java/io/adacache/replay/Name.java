package io.adacache.replay;

import io.adacache.metric.Probe;

/**
 * A tensor that is only a name: what it is, of which branch and step.
 *
 * @param what it is
 * @param branch whose it is
 * @param step in which it was made
 */
public record Name(What what, String branch, int step) {
    /** What a tensor is. */
    sealed interface What {}

    /** The hidden state before a site. */
    record Hidden(int site) implements What {}

    /** Something that can be measured. */
    record Measured(Probe probe) implements What {}

    /** What a reused or kept call gives; it is never measured. */
    record Unmeasured() implements What {}

    Name as(What other) {
        return new Name(other, branch, step);
    }

    static Measured measured(Probe probe) {
        return new Measured(probe);
    }
}
