package io.adacache.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.adacache.bench.files.FileFault;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** Messages, exit codes and help: what the program does when it is not given what it needs. */
class MannersTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "denoise --steps 2000000000 | --steps is at most 10000, but got 2000000000",
                "compare --prompt red --seeds 2000000000 | --seeds is at most",
                "schedule --policy every-2 --steps 2000000000 | --steps is at most 10000",
                "denoise --batch 0 | --batch is 1 or more",
                "record --prompt red --steps 2 --probe residuals:99 | names site 99, but the model has",
                "generate --prompt red --scale NaN | --scale is a number, but got NaN",
                "denoise --prompt red --shift Infinity | --shift is a number, but got Infinity",
                "denoise --frames 90000 --height 90000 --width 90000 | is too large",
                "denoise --out nowhere/latent.npy | there is no folder",
                "trace --prompt red --out nowhere/trace.json | there is no folder",
                "fit-magcache --out nowhere/fit.json | there is no folder",
                "replay --trace x --policy every-2 --json nowhere/a.json | there is no folder",
                "schedule --policy every-2 --json nowhere/a.json | there is no folder",
                "explain x --mermaid nowhere/a.mmd | there is no folder",
                "generate --prompt red --out /dev/null | /dev/null is no folder",
                "schedule --policy teacache --steps 5 | Give the numbers with --measures FILE",
                "denoise --threads 0 | --threads is 1 or more",
                "denoise --prompt red --conditioning a.npz | give it or prompts, not both",
                "denoise --prompt red --prompt blue | makes one generation, but got 2 prompts",
                "denoise --latent 8x8x8 --frames 8 | stands for --frames, --height and --width",
                "denoise --steps 10,20 | --steps is one number here",
                "generate --prompts missing.txt | There is no file of prompts at missing.txt",
                "explain | Missing required parameter: 'FILE'",
                "jmh nothing-of-this-name | No benchmark matches",
                "instrument --in a --out b --guidance-scale 7 | does nothing without --guidance-order",
            })
    void wrongInputIsOneClearLineBeforeAnythingRuns(String arguments, String message) {
        CommandLineRunner ran = CommandLineRunner.run(arguments.split(" "));
        assertThat(ran.err().lines().filter(line -> line.startsWith("error: ")))
                .as(ran.err())
                .singleElement()
                .asString()
                .contains(message);
        assertThat(ran.err()).doesNotContain("\tat ").doesNotContain("Exception");
        assertThat(ran.exitCode()).isEqualTo(ExitCodes.WRONG_INPUT);
        assertThat(Path.of("comparison")).doesNotExist();
    }

    @Test
    void nearMissesAreGuessed() {
        assertThat(CommandLineRunner.run("generat", "--prompt", "red").err()).contains("Did you mean", "generate");
        assertThat(CommandLineRunner.run("generate", "--prompt", "red", "--polici=none")
                        .err())
                .contains("--policy");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"help", "--help", "help generate", "generate --help", "help jmh", "jmh --help", "trace --help"})
    void helpIsGivenWhicheverWayItIsAskedFor(String arguments) {
        CommandLineRunner ran = CommandLineRunner.run(arguments.split(" "));
        assertThat(ran.exitCode()).as(ran.err()).isZero();
        assertThat(ran.out()).startsWith("Usage: adacache-bench");
    }

    @Test
    void exitCodesAreToldInTheHelp() {
        assertThat(CommandLineRunner.run("--help").out()).contains("Exit codes:", "130");
    }

    /** Every command that generates takes the same block of options. */
    @Test
    void whatOneCommandCanRunAllCan() {
        List<String> block = List.of(
                "--model",
                "--device",
                "--frames",
                "--height",
                "--width",
                "--latent",
                "--batch",
                "--prompt",
                "--prompts",
                "--conditioning",
                "--text",
                "--fps",
                "--sampler",
                "--steps",
                "--guidance",
                "--scale",
                "--seed");
        CommandLine line = Main.commandLine();
        for (String command : List.of(
                "generate",
                "denoise",
                "compare",
                "record",
                "trace",
                "tune-motion",
                "derive-codebook",
                "fit-teacache",
                "fit-magcache")) {
            assertThat(line.getSubcommands()
                            .get(command)
                            .getCommandSpec()
                            .optionsMap()
                            .keySet())
                    .as(command)
                    .containsAll(block);
        }
    }

    @Test
    void faultsOfFilesNameTheFileAndTheReason() {
        assertThat(Faults.line(new AccessDeniedException("/etc/passwd"))).isEqualTo("/etc/passwd: permission denied");
        assertThat(Faults.line(new UncheckedIOException(new NoSuchFileException("a.npy"))))
                .isEqualTo("a.npy: no such file or folder");
        assertThat(Faults.line(new IOException("No space left on device"))).isEqualTo("No space left on device");
        assertThat(Faults.line(new NullPointerException())).startsWith("internal error: NullPointerException");
        assertThat(Faults.line(new OutOfMemoryError("Java heap space")))
                .contains("out of memory (Java heap space)", "-Xmx");
        assertThat(ExitCodes.of(new NullPointerException())).isEqualTo(ExitCodes.FAILED);
        assertThat(ExitCodes.of(new UncheckedIOException(new IOException("x")))).isEqualTo(ExitCodes.FAILED);
        assertThat(FileFault.class).isFinal();
    }

    @Test
    void namesFromFilesDoNotSteerTheTerminal() throws IOException {
        String manifest = Files.readString(TestFiles.model("open-sora-xl.json"));
        Path hostile = folder.resolve("hostile.json");
        Files.writeString(hostile, manifest.replace("STDiT3-XL/2", "\\u001b[2J\\u001b]0;mine\\u0007 XL"));
        CommandLineRunner ran = CommandLineRunner.run("inspect", "--model", hostile.toString());
        assertThat(ran.out() + ran.err()).isNotEmpty().doesNotContain("\u001b", "\u0007");
        CommandLineRunner wrong = CommandLineRunner.run("generate", "--prompt", "red\u001b[2Jx");
        assertThat(wrong.err()).doesNotContain("\u001b");
    }
}
