package io.adacache.internal;

import io.adacache.event.CacheListener;
import io.adacache.event.CacheListener.SessionInfo;
import io.adacache.event.Trace.Ending;
import io.adacache.event.Trace.StepRecord;
import io.adacache.flight.Flight;
import io.adacache.flight.SessionFlight;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a session says: records, warnings, events. Reading is safe from any thread. */
final class Reporter {
    private static final Logger LOG = LoggerFactory.getLogger("io.adacache.CacheSession");

    private final SessionInfo session;
    private final SessionOptions options;
    private final List<StepRecord> records = new CopyOnWriteArrayList<>();
    private final Map<String, String> warnings = Collections.synchronizedMap(new LinkedHashMap<>());
    /** Null while no flight recording wants to hear of this session; one may begin in its middle. */
    private @Nullable SessionFlight flight;

    private volatile Ending ending = Ending.RUNNING;

    Reporter(SessionInfo session, SessionOptions options) {
        this.session = session;
        this.options = options;
    }

    SessionInfo session() {
        return session;
    }

    void begun() {
        recordFlight();
        tell(listener -> listener.onBegin(session));
    }

    /** Called when the first call of a step begins. */
    void stepBegun() {
        SessionFlight recorded = recordFlight();
        if (recorded != null) {
            recorded.stepBegun();
        }
    }

    private @Nullable SessionFlight recordFlight() {
        if (flight == null && !options.thought() && Flight.isRecording()) {
            flight = Flight.begin(session);
        }
        return flight;
    }

    void step(StepRecord record) {
        records.add(record);
        if (flight != null) {
            flight.step(record);
        }
        tell(listener -> listener.onStep(session, record));
    }

    /** Says once how the session ended; what comes later does not change it. */
    void ended(Ending how, String reason) {
        if (ending == Ending.RUNNING) {
            ending = how;
            if (flight != null) {
                flight.ended(how, reason, records);
            }
            tell(listener -> listener.onEnd(session, how, reason, List.copyOf(records)));
        }
    }

    /** A generation whose announced steps were all run is completed, whether or not somebody has closed it yet. */
    Ending ending() {
        boolean all = ending == Ending.RUNNING
                && records.size() >= session.generation().steps();
        return all ? Ending.COMPLETED : ending;
    }

    /** Warns once of each kind of thing. */
    void warn(String kind, String message) {
        if (warnings.putIfAbsent(kind, message) == null && !options.thought()) {
            LOG.warn("{} [{}]", message, session);
        }
    }

    /** Warns, or throws where the session is strict. */
    void warnOrThrow(String kind, String message, String otherwise) {
        if (options.strict()) {
            throw new IllegalStateException(message);
        }
        warn(kind, message + otherwise);
    }

    private void tell(Consumer<CacheListener> event) {
        for (CacheListener listener : options.listeners()) {
            try {
                event.accept(listener);
            } catch (Throwable e) { // an AssertionError or a StackOverflowError of a listener is not the generation's
                if (warnings.putIfAbsent("listener", "A listener threw " + e) == null) {
                    LOG.warn("A listener threw; the generation goes on [{}]", session, e);
                }
            }
        }
    }

    List<StepRecord> records() {
        return List.copyOf(records);
    }

    int steps() {
        return records.size();
    }

    List<String> warnings() {
        synchronized (warnings) {
            return List.copyOf(warnings.values());
        }
    }
}
