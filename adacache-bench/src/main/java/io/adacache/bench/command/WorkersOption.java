package io.adacache.bench.command;

import io.adacache.bench.pipeline.Workers;
import java.util.function.Supplier;
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

    private final Supplier<Workers> usual;

    /** With so many where nobody says. */
    WorkersOption(Supplier<Workers> usual) {
        this.usual = usual;
    }

    /** Returns as many as were asked for, or the usual ones; refuses what is no number of workers. */
    Workers workers() {
        return count == null ? usual.get() : new Workers(count);
    }
}
