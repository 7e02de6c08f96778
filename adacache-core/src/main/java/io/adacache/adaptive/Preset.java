package io.adacache.adaptive;

import io.adacache.policy.Codebook;
import io.adacache.policy.Codebook.Entry;

/**
 * How eagerly AdaCache reuses: codebooks for 30 and for 100 steps. Which of them is taken is decided when a generation begins. Sources:
 * {@code configs/sample_adacache*.py} of the published code, and AdaCache, table 3f.
 */
public enum Preset {
    /** Published for 30 and 100 steps. */
    FAST("0.08:6;0.16:5;0.24:4;0.32:3;0.40:2;1.00:1", "0.03:12;0.05:10;0.07:8;0.09:6;0.11:4;1.00:3"),
    /** Rates published for 100 steps, thresholds ours: those of the fast codebook; for 30 steps all ours, between fast and slow. */
    MEDIUM("0.08:4;0.16:3;0.24:2;0.32:1;1.00:1", "0.03:8;0.05:6;0.07:4;0.09:2;1.00:1"),
    /** Published for 30 steps; for 100 published rates, threshold ours: the first of the fast codebook. */
    SLOW("0.08:3;0.16:2;0.24:1;0.32:1;0.40:1;1.00:1", "0.03:2;1.00:1");

    private static final int FEW = 30;
    private static final int MANY = 100;
    /** From this number of steps on, the codebook for 100 steps is taken. */
    private static final int MANY_STEPS = 65;
    /** The published rates reuse for a fifth of a generation at most: 6 of 30 steps. */
    private static final int LARGEST_SHARE = 5;

    private final Codebook few;
    private final Codebook many;

    Preset(String few, String many) {
        this.few = Codebook.parse(few);
        this.many = Codebook.parse(many);
    }

    /** Returns the codebook for a number of steps, as published. */
    public Codebook codebook(int steps) {
        return steps >= MANY_STEPS ? many : few;
    }

    /** Whether there is a codebook for this number of steps; else one for another number is taken. */
    static boolean isPublishedFor(int steps) {
        return steps == FEW || steps == MANY;
    }

    /** Returns the largest rate that a generation of so many steps can bear: a fifth of it. Ours, not the paper's. */
    public static int largestRate(int steps) {
        return Math.max(1, steps / LARGEST_SHARE);
    }

    /** Returns the codebook with no rate above the largest; for fewer steps than it was made for. */
    static Codebook limited(Codebook codebook, int largest) {
        return new Codebook(codebook.entries().stream()
                .map(entry -> new Entry(entry.threshold(), Math.min(entry.rate(), largest)))
                .toList());
    }
}
