package io.adacache.djl.torture;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Counts what was tried and what held, and prints it for the parent process. */
final class Tally {
    private static final int MOST_SHOWN = 20;

    private final Map<String, Integer> kinds = new TreeMap<>();
    private final List<String> failures = new ArrayList<>();
    private int tried;

    /** One trial held, in one of the ways in which it may. */
    synchronized void held(String how) {
        tried++;
        kinds.merge(how, 1, Integer::sum);
    }

    /** One trial did not hold. */
    synchronized void failed(String what) {
        tried++;
        failures.add(what);
    }

    /** One trial did not hold. */
    void failed(String what, Throwable e) {
        StackTraceElement[] trace = e.getStackTrace();
        failed(what + ": " + e.toString().lines().findFirst().orElse("")
                + (trace.length == 0 ? "" : " at " + trace[0]));
    }

    /** Prints the numbers. */
    synchronized void print() {
        failures.stream().limit(MOST_SHOWN).forEach(failure -> System.out.println("failed: " + failure));
        kinds.forEach((kind, count) -> System.out.println("of these " + kind + ": " + count));
        System.out.println("megabytes " + kilobytes("VmHWM") / 1024);
        System.out.println("tried " + tried);
        System.out.println("held " + (tried - failures.size()));
    }

    /** Returns a size of this process, in KiB. */
    static long kilobytes(String field) {
        try {
            return Files.readAllLines(Path.of("/proc/self/status")).stream()
                    .filter(line -> line.startsWith(field))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                    .findFirst()
                    .orElseThrow();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
