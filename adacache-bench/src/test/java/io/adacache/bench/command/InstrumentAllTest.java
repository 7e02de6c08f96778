package io.adacache.bench.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.adacache.djl.instrument.InstrumentReport;
import io.adacache.djl.instrument.InstrumentReport.Share;
import io.adacache.djl.instrument.SpineReport;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** A folder of files is tried whole, whatever single files do. */
class InstrumentAllTest {
    @TempDir
    Path folder;

    private static InstrumentReport written() {
        SpineReport spine = new SpineReport(List.of(), 7, List.of(), 1, List.of(), List.of(), null);
        return new InstrumentReport(
                spine, List.of("batch"), Map.of("text", 5), 2, List.of(), 1, 1, new Share(3, 4, 0.8, 0.9), "{}");
    }

    private static InstrumentReport tried(Path in) throws IOException {
        switch (in.getFileName().toString()) {
            case "a-fault.pt" -> throw new IllegalStateException("ours");
            case "b-disk.pt" -> throw new IOException("no space left");
            case "c-assertion.pt" -> throw new AssertionError("ours as well");
            default -> {
                return written();
            }
        }
    }

    private String output(int exitCode, String... arguments) throws IOException {
        for (String name : List.of("a-fault", "b-disk", "c-assertion", "d-good")) {
            Files.writeString(folder.resolve(name + ".pt"), "");
        }
        StringWriter out = new StringWriter();
        CommandLine line = new CommandLine(new InstrumentAllCommand((in, file, options) -> tried(in)));
        line.setOut(new PrintWriter(out, true));
        assertThat(line.execute(arguments)).isEqualTo(exitCode);
        return out.toString();
    }

    @Test
    void oneFileThatFailsDoesNotEndTheOthers() throws IOException {
        assertThat(output(1, folder.toString()).lines())
                .anyMatch(l -> l.startsWith("| a-fault ") && l.contains("please report it") && l.contains("ours"))
                .anyMatch(l -> l.startsWith("| b-disk ") && l.contains("no space left"))
                .anyMatch(l -> l.startsWith("| c-assertion ") && l.contains("ours as well"))
                .anyMatch(l -> l.equals("| d-good | 0: ; 1 addition outside | 3/4, 80 %, 90 % | batch | text 5 |  |"));
    }

    @Test
    void aListOfNamesMakesTheTableForReaders() throws IOException {
        Path names = folder.resolve("names.txt");
        Files.writeString(names, "# rows\nd-good | Good | TeaCache 0.1\n*others*\nb-disk | Bad | -\n");
        assertThat(output(1, folder.toString(), "--names", names.toString()).lines())
                .containsExactly(
                        "| model | sites | dynamic | published settings |",
                        "|---|---|---|---|",
                        "| Good | 0: ; 1 addition outside | batch | TeaCache 0.1 |",
                        "| *others* |  |  |  |",
                        "| Bad | refused: it could not be read or written: java.io.IOException: no space left |  | - |");
    }

    @Test
    void aNameWithoutAFileIsSaidBeforeAnythingIsTried() throws IOException {
        Path names = folder.resolve("names.txt");
        Files.writeString(names, "nobody | Nobody | -\n");
        CommandLine line = new CommandLine(new InstrumentAllCommand((in, file, options) -> {
            throw new AssertionError("tried");
        }));
        StringWriter err = new StringWriter();
        line.setErr(new PrintWriter(err, true));
        assertThat(line.execute(folder.toString(), "--names", names.toString())).isNotZero();
        assertThat(err.toString()).contains("names nobody, but there is no file");
    }
}
