package io.adacache.bench.command;

import io.adacache.bench.files.OutputFolder;
import io.adacache.bench.jmh.FlightCost;
import io.adacache.bench.jmh.JmhSummary;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.format.ResultFormatType;
import org.openjdk.jmh.runner.NoBenchmarksException;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Runs the JMH benchmarks in this program. */
@Command(
        name = "jmh",
        description = "Runs the JMH benchmarks; everything after 'jmh' goes to JMH ('jmh -l' lists them, 'jmh -h' shows"
                + " JMH's own help).")
public final class JmhCommand implements Callable<Integer> {
    @Option(names = "--help", usageHelp = true, description = "show this help and exit")
    private boolean help;

    @Option(
            names = "--report",
            paramLabel = "DIR",
            description = "write jmh.json and jmh.md there, with the bytes that each operation allocates")
    private @Nullable Path report;

    @Option(
            names = "--flight-cost",
            paramLabel = "PAIRS",
            description =
                    "in place of JMH: generate so many pairs of clips, one with a flight recording of all our events and one"
                            + " without, and say what the recording costs")
    private int flightPairs;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(arity = "0..*", paramLabel = "ARGUMENTS", description = "JMH's own arguments")
    private List<String> arguments = new ArrayList<>();

    @Override
    public Integer call() throws Exception {
        if (flightPairs > 0) {
            FlightCost.measure(flightPairs).forEach(spec.commandLine().getOut()::println);
            return 0;
        }
        return runJmh();
    }

    private int runJmh() throws IOException, RunnerException {
        CommandLineOptions options = options();
        if (options.shouldHelp()) {
            options.showHelp();
            return 0;
        }
        Runner runner = new Runner(options);
        if (options.shouldList()) {
            runner.list();
            return 0;
        } else if (options.shouldListWithParams()) {
            runner.listWithParams(options);
            return 0;
        }
        try {
            if (report == null) {
                runner.run();
            } else {
                report(options, report);
            }
            return 0;
        } catch (NoBenchmarksException e) {
            throw new IllegalArgumentException("No benchmark matches " + arguments + "; 'jmh -l' lists them", e);
        }
    }

    private static void report(CommandLineOptions options, Path where) throws RunnerException {
        try (OutputFolder folder = OutputFolder.open(where)) {
            Options all = new OptionsBuilder()
                    .parent(options)
                    .addProfiler(GCProfiler.class)
                    .resultFormat(ResultFormatType.JSON)
                    .result(folder.path().resolve("jmh.json").toString())
                    .build();
            folder.file("jmh.md").write(JmhSummary.of(new Runner(all).run()));
        }
    }

    private CommandLineOptions options() {
        try {
            return new CommandLineOptions(arguments.toArray(String[]::new));
        } catch (CommandLineOptionException e) {
            throw new IllegalArgumentException("JMH: " + e.getMessage() + "; 'jmh -h' shows JMH's own help", e);
        }
    }
}
