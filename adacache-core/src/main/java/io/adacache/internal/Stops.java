package io.adacache.internal;

import io.adacache.event.Trace.Ending;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.function.LongSupplier;

/** Whether a session is to stop, and why: cancelled, its thread interrupted, its time over. */
final class Stops {
    private static final Duration CENTURY = Duration.ofDays(36_500);

    private final LongSupplier nanoTime;
    private final long begin;
    private final Optional<Duration> limit;
    private final long nanos;
    private volatile boolean cancelled;

    Stops(LongSupplier nanoTime, Optional<Duration> limit) {
        this.nanoTime = nanoTime;
        this.limit = limit;
        this.nanos = limit.map(Stops::nanos).orElse(Long.MAX_VALUE);
        this.begin = nanoTime.getAsLong();
    }

    /** A time of centuries is one of a century: nanoseconds are counted in 63 bits, and are added to others. */
    static long nanos(Duration time) {
        return (time.compareTo(CENTURY) < 0 ? time : CENTURY).toNanos();
    }

    /** Asks for a stop; may come from any thread. */
    void cancel() {
        cancelled = true;
    }

    /** Returns why the session is to stop, or {@link Ending#RUNNING}. An interrupt stays set. */
    Ending reason() {
        if (cancelled) {
            return Ending.CANCELLED;
        }
        if (Thread.currentThread().isInterrupted()) {
            return Ending.INTERRUPTED;
        }
        boolean late = limit.isPresent() && nanoTime.getAsLong() - begin > nanos;
        return late ? Ending.TIMED_OUT : Ending.RUNNING;
    }

    /** Returns what is thrown. */
    CancellationException exception(Ending why, int step) {
        String what =
                switch (why) {
                    case INTERRUPTED -> "The thread was interrupted";
                    case TIMED_OUT ->
                        "The session took longer than its limit of "
                                + limit.map(Duration::toString).orElse("?");
                    default -> "The session was cancelled";
                };
        return new CancellationException(what + ", in step " + step + "; the session can only be closed");
    }
}
