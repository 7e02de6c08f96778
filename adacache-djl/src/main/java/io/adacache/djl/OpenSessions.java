package io.adacache.djl;

import io.adacache.djl.engine.Gate;
import io.adacache.spi.Transformer.OpenSession;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/** The sessions that are open on a model: it is not unloaded while there are any. Thread-safe. */
final class OpenSessions {
    private static final Duration CENTURY = Duration.ofDays(36_500);
    private static final long NANOS_PER_MILLI = 1_000_000;

    private final Gate gate;
    private final Set<OpenSession> open = Collections.newSetFromMap(new IdentityHashMap<>());
    private boolean refusing;

    OpenSessions(Gate gate) {
        this.gate = gate;
    }

    /** Throws {@link IllegalStateException} if the model is closed, or about to be. */
    synchronized void begun(OpenSession session) {
        gate.checkOpen();
        if (refusing) {
            throw new IllegalStateException("The model " + gate.name() + " is closed; load it again");
        }
        open.add(session);
    }

    /** Needs no memory: a session ends also when there is none left. */
    synchronized void ended(OpenSession session) {
        open.remove(session);
        notifyAll();
    }

    /** Lets no session begin any more. Throws {@link IllegalStateException} if some are open, and changes nothing. */
    synchronized void refuseNew() {
        if (!open.isEmpty()) {
            throw new IllegalStateException("The model " + gate.name() + " is in use by " + open
                    + "; close them first, or close(Duration) the model");
        }
        refusing = true;
    }

    /** Lets no session begin any more and waits until all have ended; those that have not in time are closed, and named. */
    List<String> end(Duration patience) {
        List<OpenSession> left = await(patience);
        List<String> names = left.stream().map(Object::toString).toList();
        left.forEach(OpenSession::close);
        awaitAll();
        return names;
    }

    private synchronized List<OpenSession> await(Duration patience) {
        refusing = true;
        long deadline = System.nanoTime() + nanos(patience);
        boolean interrupted = false;
        while (!open.isEmpty() && !interrupted) {
            long left = (deadline - System.nanoTime()) / NANOS_PER_MILLI;
            if (left <= 0) {
                break;
            }
            interrupted = await(left);
        }
        restore(interrupted);
        return new ArrayList<>(open);
    }

    /** A step that is running stops at its next span, so this ends. */
    private synchronized void awaitAll() {
        boolean interrupted = false;
        while (!open.isEmpty()) {
            interrupted |= await(0);
        }
        restore(interrupted);
    }

    private boolean await(long millis) {
        try {
            wait(millis);
            return false;
        } catch (InterruptedException e) {
            return true;
        }
    }

    private static void restore(boolean interrupted) {
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** A patience of centuries is one of a century: nanoseconds are counted in 63 bits. */
    private static long nanos(Duration patience) {
        return (patience.compareTo(CENTURY) < 0 ? patience : CENTURY).toNanos();
    }
}
