package example.server;

import io.adacache.event.CacheListener;
import io.adacache.event.Trace.Ending;
import io.adacache.event.Trace.StepRecord;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * One observation per generation. With a tracing bridge on the class path (micrometer-tracing-bridge-otel and an exporter) it is an
 * OpenTelemetry span. The session's id is a high-cardinality value: it goes into the span, never into a meter.
 */
final class GenerationSpans implements CacheListener {
    private final ObservationRegistry registry;
    private final Map<SessionInfo, Observation> open = Collections.synchronizedMap(new IdentityHashMap<>());

    GenerationSpans(ObservationRegistry registry) {
        this.registry = registry;
    }

    @Override
    public void onBegin(SessionInfo session) {
        open.put(
                session,
                Observation.start("adacache.span", registry)
                        .contextualName("generate video")
                        .lowCardinalityKeyValue("model", session.model())
                        .highCardinalityKeyValue("policy", session.policy())
                        .highCardinalityKeyValue("session", session.id()));
    }

    @Override
    public void onEnd(SessionInfo session, Ending ending, String reason, List<StepRecord> steps) {
        Observation observation = open.remove(session);
        if (observation == null) {
            return;
        }
        observation.lowCardinalityKeyValue("ending", ending.id());
        observation.highCardinalityKeyValue("steps", Integer.toString(steps.size()));
        if (ending == Ending.FAILED) {
            observation.error(new IllegalStateException(reason));
        }
        observation.stop();
    }
}
