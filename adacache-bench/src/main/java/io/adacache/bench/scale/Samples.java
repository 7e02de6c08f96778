package io.adacache.bench.scale;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;

/** Times of one kind of work: wall clock, and processor time of the whole process. Not thread-safe. */
final class Samples {
    private static final com.sun.management.OperatingSystemMXBean SYSTEM =
            (com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    private static final double NANOS_PER_MILLI = 1e6;

    private final List<Long> wall = new ArrayList<>();
    private final List<Long> processor = new ArrayList<>();

    /** Where a piece of work began. */
    record Begin(long wall, long processor) {
        static Begin now() {
            return new Begin(System.nanoTime(), SYSTEM.getProcessCpuTime());
        }

        /** Returns what was taken since, in nanoseconds. */
        Taken taken() {
            return new Taken(System.nanoTime() - wall, SYSTEM.getProcessCpuTime() - processor);
        }
    }

    /** What a piece of work took, in nanoseconds. */
    record Taken(long wall, long processor) {}

    void add(Taken taken) {
        wall.add(taken.wall());
        processor.add(taken.processor());
    }

    /** Returns the median in milliseconds; not a number without samples. */
    double millis() {
        return median(wall) / NANOS_PER_MILLI;
    }

    double processorMillis() {
        return median(processor) / NANOS_PER_MILLI;
    }

    /** Returns the sum in milliseconds. */
    double totalMillis() {
        return wall.stream().mapToLong(Long::longValue).sum() / NANOS_PER_MILLI;
    }

    double totalProcessorMillis() {
        return processor.stream().mapToLong(Long::longValue).sum() / NANOS_PER_MILLI;
    }

    static double median(List<? extends Number> values) {
        double[] sorted =
                values.stream().mapToDouble(Number::doubleValue).sorted().toArray();
        int middle = sorted.length / 2;
        if (sorted.length == 0) {
            return Double.NaN;
        }
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
