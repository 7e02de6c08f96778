package io.adacache.internal;

import io.adacache.event.CacheListener;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
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
 */
public record SessionOptions(
        String id,
        List<CacheListener> listeners,
        boolean strict,
        boolean thought,
        Optional<Duration> limit,
        LongSupplier nanoTime,
        Runnable closed) {
    /** Copies the list. */
    public SessionOptions {
        listeners = List.copyOf(listeners);
    }

    /** Returns the options of a session that is only thought through. */
    public static SessionOptions thoughtThrough() {
        return new SessionOptions("thought", List.of(), false, true, Optional.empty(), () -> 0, () -> {});
    }
}
