package io.adacache.bench.command;

import io.adacache.bench.command.OptionRules.NotWith;
import io.adacache.bench.pipeline.DemoSettings;
import io.adacache.djl.Manifest;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How many generations on made-up text, where a model cannot be prompted and no text is named. */
final class RunsOption {
    private static final int USUAL = 4;

    @NotWith({"--prompt", "--prompts", "--conditioning", "--recording"})
    @Option(
            names = "--runs",
            paramLabel = "K",
            description = "generations on made-up text, for a model that cannot be prompted (default: " + USUAL + ")")
    private @Nullable Integer runs;

    /** Throws if it is no number of generations. */
    void check() {
        Ranges.checkOptional("--runs", runs, Ranges.COUNT);
    }

    /**
     * Returns the number.
     *
     * @throws IllegalArgumentException if it is given for a model that has prompts of its own
     */
    int of(Manifest manifest) {
        check();
        if (runs != null && DemoSettings.has(manifest)) {
            throw new IllegalArgumentException("--runs does nothing for '" + manifest.name()
                    + "', which is prompted; name prompts with --prompt or --prompts FILE");
        }
        return runs == null ? USUAL : runs;
    }
}
