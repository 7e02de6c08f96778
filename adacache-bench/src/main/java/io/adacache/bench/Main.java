package io.adacache.bench;

import io.adacache.bench.command.CompareCommand;
import io.adacache.bench.command.DenoiseCommand;
import io.adacache.bench.command.DeriveCodebookCommand;
import io.adacache.bench.command.ExplainCommand;
import io.adacache.bench.command.FitMagCacheCommand;
import io.adacache.bench.command.FitTeaCacheCommand;
import io.adacache.bench.command.GenerateCommand;
import io.adacache.bench.command.InspectCommand;
import io.adacache.bench.command.InstrumentCommand;
import io.adacache.bench.command.JmhCommand;
import io.adacache.bench.command.PaperTableCommand;
import io.adacache.bench.command.ReplayCommand;
import io.adacache.bench.command.ScheduleCommand;
import io.adacache.bench.command.TraceCommand;
import io.adacache.bench.command.TuneMotionCommand;
import io.adacache.bench.command.VerifyForwardCommand;
import io.adacache.bench.command.VerifyRecordingCommand;
import io.adacache.bench.engine.EngineSettings;
import java.io.PrintWriter;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;

/**
 * The command line of adacache.
 *
 * <p>Exit codes: 0 done; 1 something failed, or a verification did not pass; 2 the input is wrong. An error is one line.
 */
@Command(
        name = "adacache-bench",
        description = "Runs, measures and verifies AdaCache on TorchScript video diffusion transformers.",
        mixinStandardHelpOptions = true,
        version = "adacache-bench 0.1.0",
        synopsisSubcommandLabel = "COMMAND",
        usageHelpAutoWidth = true,
        subcommands = {
            GenerateCommand.class,
            DenoiseCommand.class,
            CompareCommand.class,
            VerifyRecordingCommand.class,
            VerifyForwardCommand.class,
            InstrumentCommand.class,
            ExplainCommand.class,
            TuneMotionCommand.class,
            DeriveCodebookCommand.class,
            InspectCommand.class,
            ScheduleCommand.class,
            TraceCommand.class,
            ReplayCommand.class,
            FitTeaCacheCommand.class,
            FitMagCacheCommand.class,
            PaperTableCommand.class,
            JmhCommand.class
        })
public final class Main {
    private static final int FAILED = 1;
    private static final int WRONG_INPUT = 2;

    @Option(
            names = "--threads",
            scope = ScopeType.INHERIT,
            paramLabel = "N",
            description = "threads of the native engine (default: OMP_NUM_THREADS, or 1)")
    private @Nullable Integer threads;

    @Option(
            names = {"-v", "--verbose"},
            scope = ScopeType.INHERIT,
            description = "log more, and show where errors come from")
    private boolean verbose;

    private Main() {}

    /** Runs a command and ends the process with its exit code. */
    public static void main(String[] args) {
        System.exit(run(args));
    }

    /** Runs a command and returns its exit code. */
    public static int run(String... args) {
        return commandLine().execute(args);
    }

    /** Returns the command line, for those who want to send its output elsewhere. */
    static CommandLine commandLine() {
        Main main = new Main();
        CommandLine line = new CommandLine(main);
        line.setCaseInsensitiveEnumValuesAllowed(true);
        line.getSubcommands().get("jmh").setUnmatchedOptionsArePositionalParams(true);
        line.setParameterExceptionHandler(Main::usageError);
        line.setExecutionExceptionHandler(main::failure);
        line.setExecutionStrategy(parsed -> {
            main.start();
            return new CommandLine.RunLast().execute(parsed);
        });
        return line;
    }

    private void start() {
        if (verbose) {
            System.setProperty("org.slf4j.simpleLogger.defaultLogLevel", "info");
            System.setProperty("org.slf4j.simpleLogger.log.io.adacache.CacheSession", "info");
        }
        EngineSettings.apply(threads);
    }

    private static int usageError(ParameterException e, String[] args) {
        CommandLine line = e.getCommandLine();
        line.getErr().println("error: " + oneLine(e));
        line.getErr().println("Try '" + line.getCommandSpec().qualifiedName() + " --help'.");
        return WRONG_INPUT;
    }

    private int failure(Exception e, CommandLine line, CommandLine.ParseResult parsed) {
        PrintWriter err = line.getErr();
        err.println("error: " + oneLine(e));
        if (verbose) {
            e.printStackTrace(err);
        }
        return e instanceof IllegalArgumentException ? WRONG_INPUT : FAILED;
    }

    private static String oneLine(Exception e) {
        String message = e.getMessage() == null || e.getMessage().isBlank()
                ? e.getClass().getSimpleName()
                : e.getMessage();
        return message.strip().replaceAll("\\s*\\R\\s*", " ");
    }
}
