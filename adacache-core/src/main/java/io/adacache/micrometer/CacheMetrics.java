package io.adacache.micrometer;

// Why it lives here: docs/decisions/0020.

import io.adacache.event.CacheListener;
import io.adacache.event.Trace.Ending;
import io.adacache.event.Trace.StepRecord;
import io.adacache.policy.Figures;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Meters of generations: a listener that a service gives to its model or its sessions. One object for all of them; thread-safe.
 *
 * <p>What it registers, and under which tags, stands in {@code docs/going-live.md}. No tag is a session or a request: {@code model} is a
 * file, {@code policy} the name of one of the first 32 policies seen, then {@code other}; {@code ending} and
 * {@code decision} are words of fixed lists.
 */
public final class CacheMetrics implements CacheListener {
    private static final int MOST_POLICIES = 32;
    private static final String OTHER = "other";

    private final MeterRegistry registry;
    private final Set<String> policies = ConcurrentHashMap.newKeySet();
    /** By the object, since ids are the service's and may repeat. */
    private final Map<Session, Open> open = new ConcurrentHashMap<>();

    private final AtomicLong held = new AtomicLong();

    /** Registers the gauges; the other meters appear with the first generation that has something to say. */
    public CacheMetrics(MeterRegistry registry) {
        this.registry = registry;
        Gauge.builder("adacache.generation.active", open, Map::size)
                .description("Generations that have begun and not ended")
                .register(registry);
        Gauge.builder("adacache.cache.held", held, AtomicLong::doubleValue)
                .description("Bytes of kept tensors, all open generations together, each after its last step")
                .baseUnit("bytes")
                .register(registry);
    }

    /** A session by identity. */
    private record Session(SessionInfo info) {
        @Override
        public boolean equals(Object other) {
            return other instanceof Session session && session.info == info;
        }

        @Override
        public int hashCode() {
            return System.identityHashCode(info);
        }
    }

    private static final class Open {
        final long begin = System.nanoTime();
        final AtomicLong held = new AtomicLong();
    }

    @Override
    public void onBegin(SessionInfo session) {
        open.put(new Session(session), new Open());
    }

    @Override
    public void onStep(SessionInfo session, StepRecord record) {
        Open state = open.get(new Session(session));
        if (state != null) {
            held.addAndGet(record.bytesHeld() - state.held.getAndSet(record.bytesHeld()));
        }
        Timer.builder("adacache.step")
                .description("Time inside the session per step")
                .tags(tags(session).and("decision", record.decision()))
                .register(registry)
                .record(record.nanos(), TimeUnit.NANOSECONDS);
        for (Figures figures : record.figures()) {
            figures.get(Figures.METRIC).ifPresent(metric -> change(session, metric));
        }
    }

    private void change(SessionInfo session, double metric) {
        if (Double.isFinite(metric)) {
            DistributionSummary.builder("adacache.change")
                    .description("Measured rate of change, as the policy compares it with its thresholds")
                    .tags(tags(session))
                    .register(registry)
                    .record(metric);
        }
    }

    @Override
    public void onEnd(SessionInfo session, Ending ending, String reason, List<StepRecord> steps) {
        Open state = open.remove(new Session(session));
        if (state == null) {
            return;
        }
        held.addAndGet(-state.held.get());
        Timer.builder("adacache.generation")
                .description("Time from the beginning of a generation to its end")
                .tags(tags(session).and("ending", ending.id()))
                .register(registry)
                .record(System.nanoTime() - state.begin, TimeUnit.NANOSECONDS);
    }

    private Tags tags(SessionInfo session) {
        return Tags.of("model", session.model(), "policy", policy(session.policy()));
    }

    /** Clients may choose policies by text, and a tag must not grow with what they think of. */
    private String policy(String name) {
        if (policies.contains(name)) {
            return name;
        }
        synchronized (policies) {
            if (policies.size() < MOST_POLICIES) {
                policies.add(name);
            }
            return policies.contains(name) ? name : OTHER;
        }
    }
}
