package io.adacache.event;

import io.adacache.event.Trace.Ending;
import io.adacache.event.Trace.StepRecord;
import io.adacache.policy.Generation;
import java.util.List;

/**
 * Hears of the beginning, each step and the end of sessions, on the thread that runs them. What a listener throws is logged once per
 * session and disturbs neither the generation nor other listeners.
 */
public interface CacheListener {
    /**
     * Which session is meant.
     *
     * @param id of the session: the one that it was given, or a random one
     * @param model name of the model
     * @param policy name of the policy
     * @param generation what was announced
     */
    record SessionInfo(String id, String model, String policy, Generation generation) {
        @Override
        public String toString() {
            return "session " + id + " (" + policy + " on " + model + ")";
        }
    }

    /** Called when a session has begun. */
    default void onBegin(SessionInfo session) {}

    /** Called when all branches of a step are done. */
    default void onStep(SessionInfo session, StepRecord record) {}

    /**
     * Called once, when a session ends: at the moment of a failure or a stop, else when it is closed.
     *
     * @param ending how it ended
     * @param reason why it was stopped or failed, in words; empty where it was neither
     * @param steps the records of all completed steps
     */
    default void onEnd(SessionInfo session, Ending ending, String reason, List<StepRecord> steps) {}
}
