package io.adacache.bench.scale;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The memory of this process that is in use, as Linux counts it; 0 elsewhere. */
final class Resident {
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final Path CLEAR = Path.of("/proc/self/clear_refs");
    private static final String FORGET_PEAK = "5";

    private Resident() {}

    /** Returns the bytes now. */
    static long now() {
        return read("VmRSS:");
    }

    /** Returns the most bytes since {@link #forgetPeak}. */
    static long peak() {
        return read("VmHWM:");
    }

    /** Lets the peak begin anew; where that is not allowed it stays that of the whole process. */
    static void forgetPeak() {
        try {
            Files.writeString(CLEAR, FORGET_PEAK);
        } catch (IOException | RuntimeException e) {
            // Another system, or a container that forbids it.
        }
    }

    private static long read(String field) {
        try {
            return Files.readAllLines(STATUS).stream()
                    .filter(line -> line.startsWith(field))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10)
                    .findFirst()
                    .orElse(0);
        } catch (IOException | RuntimeException e) {
            return 0;
        }
    }
}
