package io.adacache.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The benchmarks run from the program; JMH writes to standard output, so in a process of its own. */
class JmhCommandTest {
    private static String run(int expected, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                "jmh"));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isEqualTo(expected);
        return said;
    }

    @Test
    void benchmarksAreListed() throws IOException, InterruptedException {
        assertThat(run(ExitCodes.DONE, "-l")).contains("GenerationBenchmark.generate", "SessionOverheadBenchmark.step");
    }

    @Test
    void aBenchmarkRuns() throws IOException, InterruptedException {
        String said = run(
                ExitCodes.DONE,
                "SessionOverheadBenchmark",
                "-f",
                "0",
                "-wi",
                "0",
                "-i",
                "1",
                "-r",
                "1ms",
                "-p",
                "policy=every-2");
        assertThat(said).contains("SessionOverheadBenchmark.step", "every-2", "us/op");
    }

    @Test
    void aReportIsJsonAndMarkdown(@TempDir Path folder) throws IOException, InterruptedException {
        run(
                ExitCodes.DONE,
                "--report",
                folder.toString(),
                "SessionOverheadBenchmark",
                "-f",
                "0",
                "-wi",
                "0",
                "-i",
                "1",
                "-r",
                "1ms",
                "-p",
                "policy=none");
        assertThat(folder.resolve("jmh.json")).content().contains("\"policy\" : \"none\"");
        assertThat(folder.resolve("jmh.md"))
                .content()
                .contains("| SessionOverheadBenchmark.step | policy=none |", "us/op", "bytes per operation");
    }

    @Test
    void theCostOfARecordingIsMeasuredInPairs() {
        CommandLineRunner run = CommandLineRunner.run("jmh", "--flight-cost", "2");
        assertThat(run.exitCode()).as(run.err()).isZero();
        List<String> lines = run.out().lines().toList();
        assertThat(lines.subList(0, 2)).allMatch(line -> line.endsWith("; 2 pairs)"));
        assertThat(lines.subList(2, lines.size())).singleElement().asString().startsWith("added to a generation of");
    }
}
