package io.adacache.policy;

import java.util.Locale;

/** Why a span was computed or reused. */
public enum Reason {
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
