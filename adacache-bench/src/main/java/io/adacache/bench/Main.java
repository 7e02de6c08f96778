package io.adacache.bench;

import io.adacache.bench.command.BatchCommand;
import io.adacache.bench.command.CalibrateCommand;
import io.adacache.bench.command.CompareCommand;
import io.adacache.bench.command.DenoiseCommand;
import io.adacache.bench.command.DeriveCodebookCommand;
import io.adacache.bench.command.DevicesCommand;
import io.adacache.bench.command.DoctorCommand;
import io.adacache.bench.command.ExplainCommand;
import io.adacache.bench.command.FitMagCacheCommand;
import io.adacache.bench.command.FitTeaCacheCommand;
import io.adacache.bench.command.GenerateCommand;
import io.adacache.bench.command.InspectCommand;
import io.adacache.bench.command.InstrumentAllCommand;
import io.adacache.bench.command.InstrumentCommand;
import io.adacache.bench.command.JmhCommand;
import io.adacache.bench.command.ManifestCommand;
import io.adacache.bench.command.OptionRules;
import io.adacache.bench.command.PaperTableCommand;
import io.adacache.bench.command.PoliciesCommand;
import io.adacache.bench.command.ProtocolCommand;
import io.adacache.bench.command.QueueCommand;
import io.adacache.bench.command.RecordCommand;
import io.adacache.bench.command.ReplayCommand;
import io.adacache.bench.command.ScaleCommand;
import io.adacache.bench.command.ScheduleCommand;
import io.adacache.bench.command.TuneMotionCommand;
import io.adacache.bench.command.VerifyForwardCommand;
import io.adacache.bench.command.VerifyRecordingCommand;
import io.adacache.bench.command.ViewCommand;
import io.adacache.bench.engine.EngineSettings;
import io.adacache.bench.report.PlainText;
import java.io.PrintWriter;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExecutionException;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.UnmatchedArgumentException;

/** The command line of adacache. {@link ExitCodes} says what the process ends with; an error is one line. */
@Command(
        name = "adacache-bench",
        description = "Runs, measures and verifies AdaCache on TorchScript video diffusion transformers.",
        mixinStandardHelpOptions = true,
        version = "adacache-bench 0.1.0",
        synopsisSubcommandLabel = "COMMAND",
        usageHelpAutoWidth = true,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:done, and every check passed",
            "1:a check did not pass, or a goal was not reached",
            "2:the command line, or a file that it names, is wrong",
            "3:something else failed: the disk, the memory, the engine",
            "130:stopped by an interrupt (143: by SIGTERM); no file is half written"
        },
        subcommands = {
            GenerateCommand.class,
            DenoiseCommand.class,
            BatchCommand.class,
            ViewCommand.class,
            DoctorCommand.class,
            PoliciesCommand.class,
            CompareCommand.class,
            CalibrateCommand.class,
            QueueCommand.class,
            ProtocolCommand.class,
            VerifyRecordingCommand.class,
            VerifyForwardCommand.class,
            InstrumentCommand.class,
            InstrumentAllCommand.class,
            ExplainCommand.class,
            ManifestCommand.class,
            TuneMotionCommand.class,
            DeriveCodebookCommand.class,
            InspectCommand.class,
            DevicesCommand.class,
            ScheduleCommand.class,
            RecordCommand.class,
            ReplayCommand.class,
            FitTeaCacheCommand.class,
            FitMagCacheCommand.class,
            PaperTableCommand.class,
            ScaleCommand.class,
            JmhCommand.class,
            HelpCommand.class
        })
public final class Main {
    @Option(
            names = "--threads",
            scope = ScopeType.INHERIT,
            paramLabel = "N",
            description = "threads of the native engine (default: OMP_NUM_THREADS, or 1)")
    private @Nullable Integer threads;

    @Option(
            names = "--memory",
            scope = ScopeType.INHERIT,
            defaultValue = "fast",
            paramLabel = "fast|lean",
            description = "fast keeps the memory of freed tensors for the next ones, lean gives it back at once:"
                    + " a smaller process and slower steps, on Linux (default: ${DEFAULT-VALUE})")
    private EngineSettings.Memory memory = EngineSettings.Memory.FAST;

    @Option(
            names = {"-v", "--verbose"},
            scope = ScopeType.INHERIT,
            description = "log more, and show where errors come from")
    private boolean verbose;

    private Main() {}

    /** Runs a command and ends the process with its exit code. */
    public static void main(String[] args) {
        OrderlyEnd end = OrderlyEnd.of(Thread.currentThread());
        end.exit(run(args));
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
        Objects.requireNonNull(line.getSubcommands().get("jmh")).setUnmatchedOptionsArePositionalParams(true);
        line.setParameterExceptionHandler(Main::usageError);
        line.setExecutionExceptionHandler(main::failure);
        line.setExecutionStrategy(main::execute);
        return line;
    }

    private int execute(ParseResult parsed) {
        Integer help = CommandLine.executeHelpRequest(parsed);
        if (help != null) {
            return help;
        }
        CommandLine line = parsed.commandSpec().commandLine();
        line.setOut(PlainText.writer(line.getOut()));
        OptionRules.check(parsed);
        start(line);
        try {
            return new CommandLine.RunLast().execute(parsed);
        } catch (OutOfMemoryError | StackOverflowError e) {
            throw new ExecutionException(line, "", new IllegalStateException(Faults.line(e), e));
        }
    }

    private void start(CommandLine line) {
        if (threads != null && threads < 1) {
            throw new ParameterException(line, "--threads is 1 or more, but got " + threads);
        }
        if (verbose) {
            System.setProperty("org.slf4j.simpleLogger.defaultLogLevel", "info");
            System.setProperty("org.slf4j.simpleLogger.log.io.adacache.CacheSession", "info");
        }
        EngineSettings.apply(threads, memory);
    }

    private static int usageError(ParameterException e, String[] args) {
        CommandLine line = e.getCommandLine();
        PrintWriter err = PlainText.writer(line.getErr());
        err.println("error: " + Faults.line(e));
        UnmatchedArgumentException.printSuggestions(e, err);
        err.println("Try '" + line.getCommandSpec().qualifiedName() + " --help'.");
        return ExitCodes.WRONG_INPUT;
    }

    private int failure(Exception e, CommandLine line, ParseResult parsed) {
        PrintWriter err = line.getErr();
        line.getOut().flush();
        err.println("error: " + Faults.line(e));
        if (verbose) {
            e.printStackTrace(err);
        }
        err.flush();
        return ExitCodes.of(e);
    }
}
