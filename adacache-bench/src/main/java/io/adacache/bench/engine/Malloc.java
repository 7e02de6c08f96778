package io.adacache.bench.engine;

import com.sun.jna.Function;
import com.sun.jna.Platform;

/**
 * How glibc deals with the engine's tensors. By default it maps every large one anew, and the kernel then clears each page again at its
 * first use; and freed tensors that lie between smaller things stay with the process, in holes that the next ones do not fit.
 */
final class Malloc {
    private static final int TRIM_THRESHOLD = -1;
    private static final int TOP_PAD = -2;
    private static final int MMAP_THRESHOLD = -3;
    /** The largest that glibc accepts on 64 bits. */
    private static final int LARGEST_MMAP_THRESHOLD = 32 << 20;
    /** A huge page of x86-64 and aarch64. */
    private static final int HUGE_PAGE = 2 << 20;

    private Malloc() {}

    /** Keeps freed memory for the next tensors: fast, and the process stays as large as it ever was, and holes besides. */
    static void keepMemory() {
        tell(() -> {
            option(MMAP_THRESHOLD, LARGEST_MMAP_THRESHOLD);
            option(TRIM_THRESHOLD, 1 << 30);
            option(TOP_PAD, 64 << 20);
        });
    }

    /** Gives every large tensor back at once: the least memory, and the kernel's time for each; huge pages make that bearable. */
    static void giveBack() {
        tell(() -> {
            option(MMAP_THRESHOLD, HUGE_PAGE);
            Function.getFunction("c", "setenv").invokeInt(new Object[] {"THP_MEM_ALLOC_ENABLE", "1", 1});
        });
    }

    private static void option(int name, int value) {
        Function.getFunction("c", "mallopt").invokeInt(new Object[] {name, value});
    }

    /** Only before the engine starts, and on Linux; where there is no such function, nothing happens. */
    private static void tell(Runnable what) {
        if (!Platform.isLinux()) {
            return;
        }
        try {
            what.run();
        } catch (UnsatisfiedLinkError | RuntimeException e) {
            // Another C library, or a process that may not load this one: slower or larger, not wrong.
        }
    }
}
