package io.adacache.bench.command;

import io.adacache.bench.pipeline.Workers;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How many generations run side by side. */
final class WorkersOption {
    @Option(
            names = "--workers",
            paramLabel = "N",
            description =
                    "threads that generate side by side, a prompt each; results are the same, times those of a busier machine"
                            + " (protocol: as many as there are processors, at most 2; compare: 1)")
    private @Nullable Integer count;

    /** Returns as many as were asked for, or the usual ones. */
    Workers or(Workers usual) {
        return count == null ? usual : new Workers(count);
    }
}
