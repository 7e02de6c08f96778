package io.adacache.bench.command;

import io.adacache.tune.Fitting;
import io.adacache.tune.Recording;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Fits MagCache's ratios to a model. */
@Command(
        name = "fit-magcache",
        mixinStandardHelpOptions = true,
        description =
                "Fits MagCache's ratios to a model: the magnitude of what the whole stack adds over that of the step before,"
                        + " mean over uncached generations.")
public final class FitMagCacheCommand implements Callable<Integer> {
    private static final String POLICY = "magcache";

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private FitOptions options = new FitOptions();

    @Override
    public Integer call() {
        options.check();
        List<Recording> recordings = options.recordings("none");
        List<Double> ratios = Fitting.magCacheRatios(recordings);
        PrintWriter console = spec.commandLine().getOut();
        console.printf(
                "ratios from step 2 on, mean over %d generations of %d steps%n",
                recordings.size(), recordings.get(0).generation().steps());
        options.print(
                console,
                POLICY,
                Map.of(
                        "ratios",
                        ratios.stream()
                                .map(value -> String.format(Locale.ROOT, "%.5f", value))
                                .collect(Collectors.joining(";"))));
        return 0;
    }
}
