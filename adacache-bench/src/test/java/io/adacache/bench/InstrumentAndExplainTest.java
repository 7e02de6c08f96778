package io.adacache.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A traced file becomes a model file that the other commands take. */
class InstrumentAndExplainTest {
    private static final Path TRACED = Path.of("..", "adacache-djl", "src", "test", "resources", "traced");
    private static final String TINY = TRACED.resolve("tiny.pt").toString();
    private static final String SCRIPTED = TRACED.resolve("scripted.pt").toString();

    @TempDir
    Path folder;

    @Test
    void whatInstrumentWritesIsInspectedAndRun() {
        String out = folder.resolve("ready.pt").toString();
        CommandLineRunner ran = CommandLineRunner.run(
                "instrument",
                "--in",
                TINY,
                "--out",
                out,
                "--guidance-order",
                "conditional-first",
                "--guidance-scale",
                "4",
                "--steps",
                "5");
        assertThat(ran.exitCode()).as(ran.err()).isZero();
        assertThat(ran.out()).contains("all equal bit for bit", "written: " + out);
        CommandLineRunner inspected = CommandLineRunner.run(
                "inspect", "--model", out, "--frames", "4", "--height", "8", "--width", "8", "--text", "6");
        assertThat(inspected.exitCode()).as(inspected.err()).isZero();
        assertThat(inspected.out()).contains("conditional-first, scale 4.0", "calls");
        assertThat(inspected.out()).doesNotContain("operations: unknown");
        CommandLineRunner again = CommandLineRunner.run("instrument", "--in", TINY, "--out", out);
        assertThat(again.err()).contains("ready.pt is there already; --overwrite replaces it");
        assertThat(again.exitCode()).isEqualTo(ExitCodes.WRONG_INPUT);
    }

    @Test
    void aFileThatIsNotUnderstoodIsNotWritten() throws IOException {
        CommandLineRunner ran = CommandLineRunner.run(
                "instrument", "--in", SCRIPTED, "--out", folder.resolve("a.pt").toString());
        if (ran.exitCode() == 0) {
            assertThat(folder.resolve("a.pt")).isNotEmptyFile();
            return;
        }
        assertThat(ran.exitCode()).isEqualTo(ExitCodes.CHECK_FAILED);
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"explain %s", "explain --in %s", "explain --model %s"})
    void explainTellsTheSpineWhicheverWayTheFileIsNamed(String arguments) {
        Path picture = folder.resolve("spine.mmd");
        CommandLineRunner ran = CommandLineRunner.run((arguments.formatted(TINY) + " --mermaid " + picture).split(" "));
        assertThat(ran.exitCode()).as(ran.err()).isZero();
        assertThat(ran.out()).contains("sites", "block 0", "picture: " + picture);
        assertThat(picture).content().startsWith("flowchart TD");
    }

    @Test
    void explainOfWhatIsNoModelIsOneLine() {
        String file = TestFiles.model("not-torchscript.pt").toString();
        CommandLineRunner ran = CommandLineRunner.run("explain", file);
        assertThat(ran.err()).startsWith("error: ").doesNotContain("Exception");
        assertThat(ran.exitCode()).isNotZero();
        assertThat(CommandLineRunner.run("explain", TestFiles.OPAQUE.toString()).exitCode())
                .isEqualTo(ExitCodes.CHECK_FAILED);
    }
}
