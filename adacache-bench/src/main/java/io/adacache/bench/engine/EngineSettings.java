package io.adacache.bench.engine;

import org.jspecify.annotations.Nullable;

/** System properties that have to be set before the native engine starts. What the user has set is left alone. */
public final class EngineSettings {
    private static final String THREADS = "ai.djl.pytorch.num_threads";

    private EngineSettings() {}

    /** What is done with the memory of tensors that were freed; on the CPU, and on Linux only. */
    public enum Memory {
        /** Kept for the next ones: the faster way. */
        FAST,
        /** Given back to the system at once: the least resident memory. */
        LEAN
    }

    /**
     * Sets one engine thread (small models run many times faster with one than with several on a small machine), no downloads, no
     * telemetry, no window system, and allocator limits.
     *
     * @param threads engine threads; null for those of the system property, of {@code OMP_NUM_THREADS}, or 1
     */
    public static void apply(@Nullable Integer threads) {
        apply(threads, Memory.FAST);
    }

    /** Sets all of that, with another way of dealing with freed memory. */
    public static void apply(@Nullable Integer threads, Memory memory) {
        if (threads != null) {
            System.setProperty(THREADS, Integer.toString(threads));
        } else if (System.getenv("OMP_NUM_THREADS") == null) {
            setUnlessSet(THREADS, "1");
        }
        setUnlessSet("ai.djl.pytorch.num_interop_threads", "1");
        setUnlessSet("ai.djl.offline", "true");
        setUnlessSet("OPT_OUT_TRACKING", "true");
        setUnlessSet("java.awt.headless", "true");
        // A signal interrupts the command, which then ends its session; the library is to wait for that, not to end it
        // first.
        setUnlessSet("io.adacache.shutdown.seconds", "20");
        if (memory == Memory.FAST) {
            Malloc.keepMemory();
        } else {
            Malloc.giveBack();
        }
    }

    /** Returns how many engine threads were asked for, for reports. */
    public static String threads() {
        String threads = System.getProperty(THREADS);
        return threads != null ? threads : String.valueOf(System.getenv("OMP_NUM_THREADS"));
    }

    /** Returns the same as a number; 1 where nobody said. */
    public static int threadsAsNumber() {
        try {
            return Math.max(1, Integer.parseInt(threads().strip()));
        } catch (NumberFormatException e) {
            return 1;
        }
    }

    private static void setUnlessSet(String name, String value) {
        if (System.getProperty(name) == null) {
            System.setProperty(name, value);
        }
    }
}
