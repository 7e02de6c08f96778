package io.adacache.metric;

/** What a probe is compared with. */
public enum Reference {
    /** The same probe when it was last taken. */
    LAST_TAKEN,
    /** The same probe when it was taken before that. Two such distances and the one between both tell how straight it moves. */
    LAST_BUT_ONE_TAKEN,
    /** The same probe in the last step in which every span of the plan was computed. */
    LAST_COMPUTED_STEP
}
