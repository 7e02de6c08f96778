package io.adacache.bench.engine;

import com.sun.jna.Function;
import com.sun.jna.Platform;

/**
 * Tells glibc to keep freed memory. By default it maps every large tensor anew, and the kernel then clears each page again at its
 * first use.
 */
final class Malloc {
    private static final int TRIM_THRESHOLD = -1;
    private static final int TOP_PAD = -2;
    private static final int MMAP_THRESHOLD = -3;
    /** The largest that glibc accepts on 64 bits. */
    private static final int LARGEST_MMAP_THRESHOLD = 32 << 20;

    private Malloc() {}

    /** Does so on Linux; where there is no such function, nothing happens. */
    static void keepMemory() {
        if (!Platform.isLinux() || Boolean.getBoolean("adacache.bench.malloc.off")) {
            return;
        }
        try {
            Function mallopt = Function.getFunction("c", "mallopt");
            mallopt.invokeInt(new Object[] {MMAP_THRESHOLD, LARGEST_MMAP_THRESHOLD});
            mallopt.invokeInt(new Object[] {TRIM_THRESHOLD, 1 << 30});
            mallopt.invokeInt(new Object[] {TOP_PAD, 64 << 20});
        } catch (UnsatisfiedLinkError | RuntimeException e) {
            // Another C library, or a process that may not load this one: slower, not wrong.
        }
    }
}
