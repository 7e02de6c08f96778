package io.adacache.djl.engine;

import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the end of the JVM and native calls apart. At its end the engine's library destroys its tables while threads may still be
 * inside a native call, which would end the process with a crash; a hook therefore lets running generations go on for a while, then
 * refuses new calls and waits for those inside.
 *
 * <p>The only thing static in this module: the list of what is open, and the hook, which is there while the list is not empty.
 */
final class Shutdown {
    /** Seconds that running generations may go on after the JVM was told to end. */
    static final String PATIENCE = "io.adacache.shutdown.seconds";

    private static final int DEFAULT_PATIENCE = 20;
    /** A generation that has called nothing for so long is taken for abandoned. */
    private static final long QUIET_NANOS = 300_000_000;

    private static final long PAUSE_MILLIS = 20;
    /**
     * A call that is inside cannot be stopped: the end waits for it this much longer, and then lets the crash happen. Compiling a long
     * model takes minutes; whoever cannot wait so long kills the process (SIGKILL).
     */
    private static final long LAST_CALL_NANOS = 600_000_000_000L;

    private static final Set<Gate> OPEN = Collections.newSetFromMap(new IdentityHashMap<>());
    private static @Nullable Thread hook;
    private static boolean ending;

    private Shutdown() {}

    static synchronized void watch(Gate gate) {
        if (hook == null && !ending) {
            Thread made = new Thread(Shutdown::end, "adacache-shutdown");
            try {
                Runtime.getRuntime().addShutdownHook(made);
                hook = made;
            } catch (IllegalStateException e) {
                ending = true;
            }
        }
        if (ending) {
            throw new IllegalStateException("The model " + gate.name() + " is not loaded: the JVM is ending");
        }
        OPEN.add(gate);
    }

    static synchronized void forget(Gate gate) {
        OPEN.remove(gate);
        if (OPEN.isEmpty() && hook != null) {
            try {
                Runtime.getRuntime().removeShutdownHook(hook);
                hook = null;
            } catch (IllegalStateException e) {
                ending = true;
            }
        }
    }

    private static synchronized List<Gate> open() {
        return new ArrayList<>(OPEN);
    }

    private static synchronized List<Gate> last() {
        ending = true;
        return open();
    }

    private static void end() {
        awaitQuiet(System.nanoTime() + Integer.getInteger(PATIENCE, DEFAULT_PATIENCE) * 1_000_000_000L);
        List<Gate> gates = last();
        gates.forEach(Gate::end);
        long deadline = System.nanoTime() + LAST_CALL_NANOS;
        gates.forEach(gate -> gate.awaitNobody(deadline));
    }

    /** Waits until nobody has called anything for a moment. */
    private static void awaitQuiet(long deadline) {
        long entered = entered();
        long quietSince = System.nanoTime();
        while (System.nanoTime() < deadline && System.nanoTime() - quietSince < QUIET_NANOS) {
            try {
                Thread.sleep(PAUSE_MILLIS);
            } catch (InterruptedException e) {
                return;
            }
            long now = entered();
            if (now != entered || open().stream().anyMatch(gate -> !gate.awaitNobody(System.nanoTime()))) {
                entered = now;
                quietSince = System.nanoTime();
            }
        }
    }

    private static long entered() {
        return open().stream().mapToLong(Gate::entered).sum();
    }
}
