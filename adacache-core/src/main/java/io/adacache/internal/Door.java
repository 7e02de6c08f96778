package io.adacache.internal;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.CancellationException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Lets so many sessions, or sessions of so many bytes, in at a time. The rest waits in the order in which it came, or is refused: a large
 * one that waits is not overtaken by small ones. Thread-safe.
 */
public final class Door {
    private static final long NANOS_PER_MILLI = 1_000_000;

    private final int most;
    private final long mostBytes;
    private final int mostWaiting;
    private final Duration patience;
    private final ArrayDeque<Object> line = new ArrayDeque<>();
    private int open;
    private long bytes;
    private long refused;

    /** Creates a door; the largest numbers stand for no limit. */
    public Door(int most, long mostBytes, int mostWaiting, Duration patience) {
        if (most < 1 || mostBytes < 1 || mostWaiting < 0 || patience.isNegative()) {
            throw new IllegalArgumentException(
                    "A model admits 1 session or more, of 1 byte or more together, with 0 or more that wait"
                            + " for no negative time, but got sessions=" + most + ", bytes=" + mostBytes + ", waiting="
                            + mostWaiting
                            + ", patience=" + patience);
        }
        this.most = most;
        this.mostBytes = mostBytes;
        this.mostWaiting = mostWaiting;
        this.patience = patience;
    }

    /**
     * Enters, perhaps after waiting in line.
     *
     * @param id of the session, for messages
     * @param wanted bytes that it will hold at most; 0 where nobody said
     * @return what lets the next one in; to be run when the session is closed, more than once does no harm
     * @throws RejectedExecutionException if the line is full, or the session's turn has not come in time
     * @throws IllegalArgumentException if it can never be admitted
     * @throws CancellationException if the thread is interrupted; the interrupt stays set
     */
    public synchronized Runnable enter(String id, long wanted) {
        checkBytes(id, wanted);
        if (!line.isEmpty() || !fits(wanted)) {
            waitInLine(id, wanted);
        }
        open++;
        bytes += wanted;
        AtomicBoolean inside = new AtomicBoolean(true);
        return () -> {
            if (inside.getAndSet(false)) {
                leave(wanted);
            }
        };
    }

    private void checkBytes(String id, long wanted) {
        if (mostBytes == Long.MAX_VALUE) {
            return;
        }
        if (wanted <= 0) {
            throw new IllegalArgumentException("The model admits sessions by their bytes (" + mostBytes
                    + " at a time), and session " + id
                    + " does not say how many it will hold: reserve(footprint) on its builder,"
                    + " with the footprint that the model predicts");
        }
        if (wanted > mostBytes) {
            throw new IllegalArgumentException(
                    "Session " + id + " will hold " + wanted + " bytes, and the model admits " + mostBytes
                            + " at a time: it would wait for ever. Ask for a smaller video, or a policy that holds less");
        }
    }

    private boolean fits(long wanted) {
        return open < most && bytes <= mostBytes - wanted;
    }

    private void waitInLine(String id, long wanted) {
        if (line.size() >= mostWaiting) {
            throw refuse(id, "");
        }
        Object place = new Object();
        line.add(place);
        try {
            long deadline = System.nanoTime() + Stops.nanos(patience);
            while (line.peek() != place || !fits(wanted)) {
                long left = (deadline - System.nanoTime()) / NANOS_PER_MILLI;
                if (left <= 0) {
                    throw refuse(id, ", and its turn did not come within " + patience);
                }
                wait(left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CancellationException(
                    "The thread was interrupted while session " + id + " waited to be admitted");
        } finally {
            line.remove(place);
            notifyAll(); // whoever is next now
        }
    }

    private RejectedExecutionException refuse(String id, String why) {
        refused++;
        return new RejectedExecutionException("Session " + id + " is refused: " + open + " sessions are open"
                + (mostBytes == Long.MAX_VALUE ? "" : " on " + bytes + " of " + mostBytes + " bytes") + " and "
                + line.size()
                + " wait" + why + ". Try again later");
    }

    private synchronized void leave(long wanted) {
        open--;
        bytes -= wanted;
        notifyAll();
    }

    /** Returns how many are inside. */
    public synchronized int open() {
        return open;
    }

    /** Returns how many wait in line. */
    public synchronized int waiting() {
        return line.size();
    }

    /** Returns how many were refused so far. */
    public synchronized long refused() {
        return refused;
    }

    /** Returns the bytes that those inside said they will hold. */
    public synchronized long bytes() {
        return bytes;
    }
}
