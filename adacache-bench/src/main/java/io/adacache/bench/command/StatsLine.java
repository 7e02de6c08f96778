package io.adacache.bench.command;

import io.adacache.CacheStats;
import io.adacache.bench.pipeline.Denoised;
import io.adacache.event.Trace.StepRecord;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** What a generation did, in one line. */
final class StatsLine {
    private static final double NANOS = 1e6;

    /** A step this many times as long as the median one of its kind has paid for the engine's settling. */
    private static final double SLOW = 3;

    private StatsLine() {}

    /** Returns the line. */
    static String of(Denoised made) {
        CacheStats stats = made.stats();
        return String.format(
                Locale.ROOT,
                "%d computed, %d reused, %.0f ms%s, %d KiB held, %d KiB at peak",
                stats.computedSteps(),
                stats.reusedSteps(),
                made.millis(),
                slowStart(made.trace().steps()),
                stats.bytesHeld() / 1024,
                stats.bytesPeak() / 1024);
    }

    /**
     * Says how much of the time is the engine's, which compiles a method for the shapes of its first calls: a generation that is
     * timed without this reads as if caching had made it slow.
     */
    static String slowStart(List<StepRecord> steps) {
        double computed = median(steps);
        double over = 0;
        for (StepRecord step : steps) {
            if (step.nanos() <= SLOW * computed) {
                break;
            }
            over += step.nanos() - computed;
        }
        return over == 0
                ? ""
                : String.format(Locale.ROOT, " (%.0f ms of them for the engine's first calls)", over / NANOS);
    }

    private static double median(List<StepRecord> steps) {
        List<Long> nanos = steps.stream()
                .filter(StepRecord::isComputed)
                .map(StepRecord::nanos)
                .sorted(Comparator.naturalOrder())
                .toList();
        return nanos.isEmpty() ? Double.POSITIVE_INFINITY : nanos.get(nanos.size() / 2);
    }
}
