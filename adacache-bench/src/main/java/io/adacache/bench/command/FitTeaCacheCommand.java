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
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Fits TeaCache's polynomial to a model. */
@Command(
        name = "fit-teacache",
        mixinStandardHelpOptions = true,
        description =
                "Fits TeaCache's polynomial to a model: from the relative L1 change of the first block's modulated input between"
                        + " neighbouring steps to that of the prediction, by least squares over all steps of uncached generations.")
public final class FitTeaCacheCommand implements Callable<Integer> {
    private static final String POLICY = "teacache";
    private static final int LARGEST_DEGREE = 20;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private FitOptions options = new FitOptions();

    @Option(
            names = "--degree",
            defaultValue = "4",
            description = "of the polynomial (default: ${DEFAULT-VALUE}, as published)")
    private int degree;

    @Override
    public Integer call() {
        if (degree < 0 || degree > LARGEST_DEGREE) {
            throw new IllegalArgumentException("--degree is 0 to " + LARGEST_DEGREE + ", but got " + degree);
        }
        options.check();
        List<Recording> recordings = options.recordings("teacache:polynomial=1;0");
        List<Double> polynomial = Fitting.teaCachePolynomial(recordings, degree);
        PrintWriter console = spec.commandLine().getOut();
        console.printf(
                Locale.ROOT,
                "polynomial of degree %d over %d generations of %d steps, highest power first%n",
                degree,
                recordings.size(),
                recordings.get(0).generation().steps());
        options.print(
                console,
                POLICY,
                Map.of(
                        "polynomial",
                        polynomial.stream()
                                .map(value -> String.format(Locale.ROOT, "%.8g", value))
                                .collect(Collectors.joining(";"))));
        return 0;
    }
}
