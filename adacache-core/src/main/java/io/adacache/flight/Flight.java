package io.adacache.flight;

import io.adacache.event.CacheListener.SessionInfo;
import jdk.jfr.EventType;
import jdk.jfr.FlightRecorder;

/** Asks whether a flight recording is running that wants our events. While there is none, nothing is allocated and JFR is not started. */
public final class Flight {
    /** A JDK without the module {@code jdk.jfr}, or a module graph without it, has no recordings. */
    private static final boolean PRESENT = isPresent();

    private Flight() {}

    private static boolean isPresent() {
        try {
            FlightRecorder.isInitialized();
            return true;
        } catch (LinkageError e) {
            return false;
        }
    }

    /** Whether a recording is running that wants at least one of our events. */
    public static boolean isRecording() {
        return PRESENT && FlightRecorder.isInitialized() && Types.isAnyEnabled();
    }

    /** Begins the record of a session; only where {@link #isRecording}. */
    public static SessionFlight begin(SessionInfo session) {
        return new SessionFlight(session);
    }

    /** Apart, because looking an event type up starts JFR. */
    private static final class Types {
        private static final EventType GENERATION = EventType.getEventType(GenerationEvent.class);
        private static final EventType STEP = EventType.getEventType(StepEvent.class);
        private static final EventType DECISION = EventType.getEventType(DecisionEvent.class);

        static boolean isAnyEnabled() {
            return GENERATION.isEnabled() || STEP.isEnabled() || DECISION.isEnabled();
        }
    }
}
