package io.adacache.adaptive;

import io.adacache.metric.Sums;
import io.adacache.policy.Codebook;

/** The places where the published code computes something else than it means to. This does what is meant. */
class Arithmetic {
    /** What is meant. */
    static final Arithmetic SOUND = new Arithmetic();

    /** Returns the codebook as it is read. */
    Codebook codebook(Codebook given) {
        return given;
    }

    /**
     * Returns the number of steps that a distance is divided by.
     *
     * @param rate that was chosen when the probe was last computed
     * @param gap steps since then
     */
    int gap(int rate, int gap) {
        return gap;
    }

    /** Whether a metric is looked up in the codebook; otherwise the next step is computed. */
    boolean looksUp(double metric) {
        return Double.isFinite(metric);
    }

    /** Whether frames were compared at a stride, so that its motion score counts. */
    boolean hasMotion(Sums sums) {
        double[] total = sums.total();
        return total[1] != 0 || total[2] != 0;
    }

    /**
     * Returns the motion factor from which the first gradient is taken.
     *
     * @param place index of the measured place
     */
    double firstFactor(int place) {
        return 1;
    }
}
