package io.adacache.event;

import java.util.List;

/**
 * Hears of each step of a session, on the thread that runs it. What a listener throws is logged once and does not disturb
 * the generation.
 */
public interface CacheListener {
    /** Called when all branches of a step are done. */
    default void onStep(StepRecord record) {}

    /** Called when the session is closed, with the records of all its steps. */
    default void onClosed(List<StepRecord> records) {}
}
