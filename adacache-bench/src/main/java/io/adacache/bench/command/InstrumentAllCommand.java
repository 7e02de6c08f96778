package io.adacache.bench.command;

import io.adacache.djl.instrument.InstrumentException;
import io.adacache.djl.instrument.InstrumentOptions;
import io.adacache.djl.instrument.InstrumentReport;
import io.adacache.djl.instrument.Instrumenter;
import io.adacache.djl.instrument.SpineReport;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Tries every traced file of a folder and makes a table of what came of it. */
@Command(
        name = "instrument-all",
        mixinStandardHelpOptions = true,
        description =
                "Tries 'instrument' on every .pt file of a folder and prints a Markdown table: sites and kinds, the share that"
                        + " can be reused, what is dynamic, or why a file is refused. Inputs for NAME.pt are taken from NAME.npz where"
                        + " that is there. A file that fails does not end the others. Exit code 1 if one was refused or failed.")
public final class InstrumentAllCommand implements Callable<Integer> {
    /** What is tried on a file. */
    @FunctionalInterface
    interface Attempt {
        InstrumentReport on(Path in, Path out, InstrumentOptions options) throws IOException;
    }

    private final Attempt attempt;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(paramLabel = "FOLDER", description = "where the traced files are")
    private Path folder = Path.of("");

    @Option(
            names = "--keep",
            paramLabel = "FOLDER",
            description = "where to keep the files that were written (default: nowhere)")
    private @Nullable Path keep;

    @Option(
            names = "--names",
            paramLabel = "FILE",
            description =
                    "a table for readers: only the files that FILE names, one a line and in its order, as 'FILE | MODEL |"
                            + " PUBLISHED SETTINGS'; a line without bars is a heading")
    private @Nullable Path names;

    public InstrumentAllCommand() {
        this(Instrumenter::instrument);
    }

    InstrumentAllCommand(Attempt attempt) {
        this.attempt = attempt;
    }

    /** What came of one file; {@code refusal} is empty if it was written. */
    private record Row(String name, String sites, String share, String dynamic, String fixed, String refusal) {
        String markdown() {
            return line(name, sites, share, dynamic, fixed, refusal);
        }

        String forReaders(String model, String settings) {
            return line(model, refusal.isEmpty() ? sites : "refused: " + refusal, dynamic, settings);
        }
    }

    private static String line(String... cells) {
        return "| " + String.join(" | ", cells) + " |";
    }

    @Override
    public Integer call() throws IOException {
        if (!Files.isDirectory(folder)) {
            throw new IllegalArgumentException("There is no folder " + folder);
        }
        if (keep != null && Files.exists(keep) && !Files.isDirectory(keep)) {
            throw new IllegalArgumentException(keep + " is no folder; name one for --keep");
        }
        List<Named> named = names == null ? List.of() : named(names);
        Path kept =
                keep == null ? Files.createTempDirectory("adacache-instrument-all-") : Files.createDirectories(keep);
        try {
            return names == null ? all(kept) : readers(named, kept);
        } finally {
            if (keep == null) {
                Files.delete(kept);
            }
        }
    }

    /** A line of a list of names; without a file, the model's name is a heading. */
    private record Named(@Nullable Path file, String model, String settings) {}

    /** The lines of the list of names, each of whose files is there. */
    private List<Named> named(Path list) throws IOException {
        List<Named> named = new ArrayList<>();
        for (String line : Files.readAllLines(list)) {
            if (!line.isBlank() && !line.strip().startsWith("#")) {
                named.add(named(list, line.strip()));
            }
        }
        return named;
    }

    private Named named(Path list, String line) {
        String[] cells = line.split("\\s*\\|\\s*", -1);
        if (cells.length == 1) {
            return new Named(null, line, "");
        }
        if (cells.length != 3) {
            throw new IllegalArgumentException(
                    list + ": '" + line + "' is neither FILE | MODEL | PUBLISHED SETTINGS nor a heading");
        }
        Path file = folder.resolve(cells[0] + ".pt");
        if (!Files.isRegularFile(file)) {
            throw new IllegalArgumentException(list + " names " + cells[0] + ", but there is no file " + file);
        }
        return new Named(file, cells[1], cells[2]);
    }

    private int all(Path kept) throws IOException {
        say(line("file", "sites", "share of additions, time, operations", "dynamic", "fixed", "refused because"));
        say("|---|---|---|---|---|---|");
        boolean all = true;
        for (Path file : files()) {
            Row row = row(file, kept);
            say(row.markdown());
            all &= row.refusal().isEmpty();
        }
        return all ? 0 : 1;
    }

    private int readers(List<Named> lines, Path kept) throws IOException {
        say(line("model", "sites", "dynamic", "published settings"));
        say("|---|---|---|---|");
        boolean all = true;
        for (Named line : lines) {
            if (line.file == null) {
                say(line(line.model, "", "", ""));
                continue;
            }
            Row row = row(line.file, kept);
            say(row.forReaders(line.model, line.settings));
            all &= row.refusal().isEmpty();
        }
        return all ? 0 : 1;
    }

    private void say(String line) {
        PrintWriter console = spec.commandLine().getOut();
        console.println(line);
        console.flush();
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> all = Files.list(folder)) {
            return all.filter(path -> path.toString().endsWith(".pt")).sorted().toList();
        }
    }

    private Row row(Path file, Path kept) throws IOException {
        String name = file.getFileName().toString().replaceFirst("\\.pt$", "");
        Path inputs = file.resolveSibling(name + ".npz");
        Path out = kept.resolve(name + ".pt");
        InstrumentOptions.Builder options = InstrumentOptions.builder().overwrite(keep != null);
        if (Files.exists(inputs)) {
            options.verifyInputs(inputs);
        }
        try {
            return written(name, attempt.on(file, out, options.build()));
        } catch (InstrumentException e) {
            if (Thread.currentThread().isInterrupted()) {
                throw e;
            }
            return refused(name, String.valueOf(e.getMessage()));
        } catch (IOException e) {
            return refused(name, "it could not be read or written: " + e);
        } catch (RuntimeException | AssertionError e) {
            // One file's fault, perhaps ours: the other files are tried all the same.
            return refused(name, "this is a fault of the instrumenter, please report it with the file: " + e);
        } finally {
            if (keep == null) {
                Files.deleteIfExists(out);
            }
        }
    }

    private static Row written(String name, InstrumentReport report) {
        int outside = report.share().allAdditions() - report.share().additions();
        String left = outside == 0 ? "" : "; " + outside + (outside == 1 ? " addition" : " additions") + " outside";
        return new Row(
                name,
                sites(report.spine()) + left,
                share(report.share()),
                report.dynamic().isEmpty() ? "none" : String.join(", ", report.dynamic()),
                fixed(report.fixed()),
                "");
    }

    private static Row refused(String name, String reason) {
        String oneLine = reason.strip().replaceAll("\\s*\\R\\s*", " ").replace("|", "\\|");
        return new Row(name, "", "", "", "", oneLine);
    }

    private static String sites(SpineReport spine) {
        Map<String, Long> kinds = spine.sites().stream()
                .collect(Collectors.groupingBy(found -> found.site().kind().id(), TreeMap::new, Collectors.counting()));
        return spine.sites().size() + ": "
                + kinds.entrySet().stream()
                        .map(kind -> kind.getValue() + " " + kind.getKey())
                        .collect(Collectors.joining(", "));
    }

    private static String share(InstrumentReport.Share share) {
        return String.format(
                Locale.ROOT,
                "%d/%d, %.0f %%, %.0f %%",
                share.additions(),
                share.allAdditions(),
                100 * share.time(),
                100 * share.operations());
    }

    private static String fixed(Map<String, Integer> sizes) {
        return new TreeMap<>(sizes)
                .entrySet().stream()
                        .map(size -> size.getKey() + " " + size.getValue())
                        .collect(Collectors.joining(", "));
    }
}
