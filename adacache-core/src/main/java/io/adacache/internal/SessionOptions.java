package io.adacache.internal;

import io.adacache.event.CacheListener;
import io.adacache.spi.TensorOps.Storage;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.LongSupplier;

/**
 * How a session behaves, apart from model, policy and generation.
 *
 * @param id shown in events and logs
 * @param listeners are told what happens
 * @param strict whether what is warned of is an error
 * @param thought whether the session is only thought through, on tensors that hold no numbers: nothing is logged, no number checked
 * @param limit how long the session may take, from its beginning
 * @param nanoTime the clock
 * @param closed runs once, when the session has been closed and everything is freed
 * @param seconds how long the steps are to take, all in all
 * @param guard what is done about the estimated error
 * @param facts what is known of the generation beside what was announced, by name
 * @param storage how kept sums are stored
 */
public record SessionOptions(
        String id,
        List<CacheListener> listeners,
        boolean strict,
        boolean thought,
        Optional<Duration> limit,
        LongSupplier nanoTime,
        Runnable closed,
        OptionalDouble seconds,
        Optional<ErrorBound> guard,
        Map<String, String> facts,
        Storage storage) {
    /**
     * A bound on the estimated error.
     *
     * @param most the estimate that is not to be passed
     * @param computes whether steps that would pass it are computed; else it is only said
     */
    public record ErrorBound(double most, boolean computes) {}

    /** Creates options without a time to keep, a guard and facts, under which kept sums are stored as they are. */
    public SessionOptions(
            String id,
            List<CacheListener> listeners,
            boolean strict,
            boolean thought,
            Optional<Duration> limit,
            LongSupplier nanoTime,
            Runnable closed) {
        this(
                id,
                listeners,
                strict,
                thought,
                limit,
                nanoTime,
                closed,
                OptionalDouble.empty(),
                Optional.empty(),
                Map.of(),
                Storage.FULL);
    }

    /** Copies list and map. */
    public SessionOptions {
        facts = Map.copyOf(facts);
        listeners = List.copyOf(listeners);
    }

    /** Returns the options of a session that is only thought through. */
    public static SessionOptions thoughtThrough(Storage storage) {
        return new SessionOptions(
                "thought",
                List.of(),
                false,
                true,
                Optional.empty(),
                () -> 0,
                () -> {},
                OptionalDouble.empty(),
                Optional.empty(),
                Map.of(),
                storage);
    }
}
