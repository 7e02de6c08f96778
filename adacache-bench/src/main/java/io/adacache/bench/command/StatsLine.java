package io.adacache.bench.command;

import io.adacache.CacheStats;
import io.adacache.bench.pipeline.Denoised;
import java.util.Locale;

/** What a generation did, in one line. */
final class StatsLine {
    private StatsLine() {}

    /** Returns the line. */
    static String of(Denoised made) {
        CacheStats stats = made.stats();
        return String.format(
                        Locale.ROOT,
                        "%d computed, %d reused, %s, %d KiB held, %d KiB at peak",
                        stats.computedSteps(),
                        stats.reusedSteps(),
                        time(made),
                        stats.bytesHeld() / 1024,
                        stats.bytesPeak() / 1024)
                + (stats.estimatedError().isEmpty()
                        ? ""
                        : String.format(
                                Locale.ROOT,
                                ", estimated error %.3g",
                                stats.estimatedError().getAsDouble()));
    }

    /** Returns how long it took, and how much of that was the engine's: without this a first generation reads as if caching slowed it. */
    static String time(Denoised made) {
        double settling = made.stats().settlingMillis();
        return String.format(Locale.ROOT, "%.0f ms", made.millis())
                + (settling == 0
                        ? ""
                        : String.format(Locale.ROOT, " (%.0f ms of them for the engine's first calls)", settling));
    }
}
