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
                        + " that is there. Exit code 1 if a file was refused.")
public final class InstrumentAllCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(paramLabel = "FOLDER", description = "where the traced files are")
    private Path folder = Path.of("");

    @Option(
            names = "--keep",
            paramLabel = "FOLDER",
            description = "where to keep the files that were written (default: nowhere)")
    private @Nullable Path keep;

    private record Row(String name, String sites, String share, String dynamic, String fixed, String refusal) {
        String markdown() {
            return "| " + String.join(" | ", name, sites, share, dynamic, fixed, refusal) + " |";
        }
    }

    @Override
    public Integer call() throws IOException {
        if (!Files.isDirectory(folder)) {
            throw new IllegalArgumentException("There is no folder " + folder);
        }
        if (keep != null && Files.exists(keep) && !Files.isDirectory(keep)) {
            throw new IllegalArgumentException(keep + " is no folder; name one for --keep");
        }
        Path kept =
                keep == null ? Files.createTempDirectory("adacache-instrument-all-") : Files.createDirectories(keep);
        PrintWriter console = spec.commandLine().getOut();
        console.println("| file | sites | share of additions, time, operations | dynamic | fixed | refused because |");
        console.println("|---|---|---|---|---|---|");
        boolean all = true;
        try {
            for (Path file : files()) {
                Row row = row(file, kept);
                console.println(row.markdown());
                console.flush();
                all &= row.refusal().isEmpty();
            }
        } finally {
            if (keep == null) {
                Files.delete(kept);
            }
        }
        return all ? 0 : 1;
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
            InstrumentReport report = Instrumenter.instrument(file, out, options.build());
            return new Row(
                    name,
                    sites(report.spine()),
                    share(report.share()),
                    String.join(", ", report.dynamic()),
                    fixed(report.fixed()),
                    "");
        } catch (InstrumentException e) {
            return new Row(name, "", "", "", "", oneLine(e));
        } finally {
            if (keep == null) {
                Files.deleteIfExists(out);
            }
        }
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

    private static String oneLine(InstrumentException e) {
        return String.valueOf(e.getMessage())
                .strip()
                .replaceAll("\\s*\\R\\s*", " ")
                .replace("|", "\\|");
    }
}
