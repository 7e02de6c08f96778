package io.adacache.replay;

import io.adacache.metric.Metric;
import io.adacache.metric.Probe;
import io.adacache.metric.Sums;

/** Where a replay takes its numbers from: a recording, or made-up ones. */
public interface Numbers {
    /**
     * Returns the sums of a distance.
     *
     * @param now the step that is measured, from 1
     * @param then the earlier step that it is compared with
     * @throws IllegalArgumentException if there are none; the message says what is missing
     */
    Sums distance(Probe probe, Metric metric, String branch, int now, int then);

    /**
     * Returns the sums of a motion score.
     *
     * @throws IllegalArgumentException if there are none; the message says what is missing
     */
    Sums motion(Probe probe, Metric norm, int stride, String branch, int step);
}
