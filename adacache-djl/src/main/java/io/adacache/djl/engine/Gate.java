package io.adacache.djl.engine;

import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/**
 * Counts the native calls on one model, so that its end waits for them: whoever is inside may finish, nobody else gets in.
 *
 * <p>Thread-safe. A call costs one atomic step in and one out. Calls do not nest: what runs inside a call does not enter again.
 */
public final class Gate {
    /** Calls that are inside stand in the low bits, calls that ever entered in the rest. */
    private static final long ENTERED = 1L << 24;

    private enum State {
        OPEN,
        CLOSING,
        CLOSED,
        /** The JVM is going down: nobody gets in, and nothing is freed any more. */
        ENDING
    }

    private final String name;
    private final AtomicLong calls = new AtomicLong();
    private volatile State state = State.OPEN;

    private Gate(String name) {
        this.name = name;
    }

    /**
     * Opens a gate.
     *
     * @param name of what lies behind it, for messages
     * @throws IllegalStateException if the JVM is going down
     */
    public static Gate open(String name) {
        Gate gate = new Gate(name);
        Shutdown.watch(gate);
        return gate;
    }

    /** Returns the name of what lies behind the gate. */
    public String name() {
        return name;
    }

    /**
     * Runs a native call.
     *
     * @throws IllegalStateException if the gate is closed: the one answer, whatever the reason
     */
    public <R> R call(Supplier<R> work) {
        enter();
        try {
            return work.get();
        } finally {
            leave();
        }
    }

    /**
     * Enters to free something native; needs no memory. Whoever got in calls {@link #leave}.
     *
     * @return false if the gate is closed, since then it is freed already, or the process ends
     */
    boolean enterToFree() {
        calls.addAndGet(ENTERED + 1);
        if (state == State.OPEN) {
            return true;
        }
        leave();
        return false;
    }

    private void enter() {
        if (!enterToFree()) {
            checkOpen();
        }
    }

    /** Throws the one answer of a closed gate. */
    public void checkOpen() {
        if (state == State.ENDING) {
            throw new IllegalStateException("The model " + name + " is closed: the JVM is ending");
        }
        if (state != State.OPEN) {
            throw new IllegalStateException("The model " + name + " is closed; load it again");
        }
    }

    void leave() {
        long now = calls.decrementAndGet();
        if (now % ENTERED == 0 && state != State.OPEN) {
            synchronized (this) {
                notifyAll();
            }
        }
    }

    private long inside() {
        return calls.get() % ENTERED;
    }

    /** Returns how many calls have entered so far. */
    long entered() {
        return calls.get() / ENTERED;
    }

    /**
     * Closes the gate: refuses new calls, waits for those inside, and then frees. Idempotent; an interrupt does not shorten the wait,
     * since freeing under a running call would end the process.
     */
    public void close(Runnable free) {
        if (beginClose()) {
            try {
                free.run();
            } finally {
                endClose();
            }
        }
    }

    private synchronized boolean beginClose() {
        if (state != State.OPEN) {
            awaitState();
            return false;
        }
        state = State.CLOSING;
        awaitNobody(Long.MAX_VALUE);
        if (state == State.ENDING) {
            return false;
        }
        calls.incrementAndGet();
        return true;
    }

    private synchronized void endClose() {
        calls.decrementAndGet();
        if (state != State.ENDING) {
            state = State.CLOSED;
            Shutdown.forget(this);
        }
        notifyAll();
    }

    /** Waits for the thread that closes. */
    private void awaitState() {
        boolean interrupted = false;
        while (state == State.CLOSING) {
            interrupted |= await(0);
        }
        restore(interrupted);
    }

    /** Refuses new calls for good, because the JVM is going down. */
    synchronized void end() {
        state = State.ENDING;
        notifyAll();
    }

    /** Waits until nobody is inside, or until a time of {@link System#nanoTime}; returns whether nobody is. */
    synchronized boolean awaitNobody(long deadline) {
        boolean interrupted = false;
        boolean forever = deadline == Long.MAX_VALUE;
        while (inside() > 0) {
            long left = forever ? 0 : (deadline - System.nanoTime()) / 1_000_000;
            if (!forever && left <= 0) {
                break;
            }
            interrupted |= await(left);
        }
        restore(interrupted);
        return inside() == 0;
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
}
