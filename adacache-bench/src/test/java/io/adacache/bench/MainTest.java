package io.adacache.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The program as its users see it: exit codes, files and one-line errors. */
class MainTest {
    private static final String MODEL = TestFiles.OPEN_SORA.toString();

    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "generate --prompt red --policy nonsense | 2 | Unknown policy 'nonsense'",
                "generate --prompt red --policy every:m=2 | 2 | has no setting 'm'",
                "generate --prompt lizard | 2 | lizard. This model knows: circle",
                "generate --prompt red --steps 0 | 2 | --steps is 1 or more",
                "generate --prompt red --steps few | 2 | Invalid value for option '--steps'",
                "generate --prompt red --guidance both | 2 | '--guidance'",
                "generate --prompt red --device tpu | 2 | Unknown device 'tpu'",
                "generate --prompt red --device gpu:99 | 2 | There is no device 'gpu:99'",
                "generate | 2 | Missing required option: '--prompt",
                "generate --prompt red --model missing.pt | 2 | missing.pt",
                "compare --prompts missing.txt | 2 | There is no file of prompts at missing.txt",
                "compare --policies even:steps=40 --prompt red --steps 4 | 2 | even",
                "verify-recording --recording nowhere/runs/nothing | 2 | There is no file",
                "verify-forward --case missing.npz | 2 | There is no file missing.npz",
                "compare --prompt red --repeat 0 | 2 | --repeat is 1 or more",
                "compare --prompt red --latent 8x8 | 2 | --latent is FRAMESxHEIGHTxWIDTH",
                "nonsense | 2 | 'nonsense'"
            })
    void badInputIsOneClearLine(String arguments, int exitCode, String message) {
        CommandLineRunner ran = CommandLineRunner.run(arguments.split(" "));
        assertThat(ran.err().lines().filter(line -> line.startsWith("error: ")))
                .singleElement()
                .asString()
                .contains(message);
        assertThat(ran.err()).doesNotContain("\tat ").doesNotContain("Exception");
        assertThat(ran.exitCode()).isEqualTo(exitCode);
    }

    @Test
    void aModelWithoutPipelineCannotBePrompted() {
        CommandLineRunner ran = CommandLineRunner.run("generate", "--model", MODEL, "--prompt", "red");
        assertThat(ran.err()).startsWith("error: The model 'STDiT3-4x64' carries no pipeline");
        assertThat(ran.exitCode()).isEqualTo(2);
    }

    @Test
    void anOpaqueModelCannotBePrompted() {
        CommandLineRunner ran =
                CommandLineRunner.run("generate", "--model", TestFiles.OPAQUE.toString(), "--prompt", "red");
        assertThat(ran.err()).contains("opaque");
        assertThat(ran.exitCode()).isNotZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"forward-8x8x8", "forward-10x7x9"})
    void recordedForwardsPass(String name) {
        CommandLineRunner ran = CommandLineRunner.run(
                "verify-forward",
                "--model",
                MODEL,
                "--case",
                TestFiles.RECORDINGS.resolve(name + ".npz").toString());
        assertThat(ran.out()).contains("PASS");
        assertThat(ran.exitCode()).isZero();
    }

    @Test
    void aForwardOfAnotherModelIsBadInput() {
        Path other = TestFiles.RECORDINGS.resolveSibling("latte-tiny").resolve("forward-b2.npz");
        CommandLineRunner ran = CommandLineRunner.run("verify-forward", "--model", MODEL, "--case", other.toString());
        assertThat(ran.err()).contains("arguments that this model does not take");
        assertThat(ran.exitCode()).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ada_30_fast",
                "ada_moreg_30_fast",
                "ada_100",
                "ada_moreg_100",
                "base_30",
                "base_100",
                "ada_30_512_xmask_ones"
            })
    void recordingsPass(String name) {
        CommandLineRunner ran = CommandLineRunner.run(
                "verify-recording",
                "--model",
                MODEL,
                "--recording",
                TestFiles.RECORDINGS.resolve("runs/" + name).toString());
        assertThat(ran.out()).contains(name + ": PASS").doesNotContain("FAIL");
        if (name.startsWith("ada")) {
            assertThat(ran.out()).contains("fused spans", "pairs spans", "sites spans");
        }
        assertThat(ran.exitCode()).isZero();
    }

    @ParameterizedTest
    @CsvSource({"2,frames", "3,frames", "2,rows"})
    void recordingsPassOverSeveralMembers(String members, String divided) {
        CommandLineRunner ran = CommandLineRunner.run(
                "verify-recording",
                "--model",
                MODEL,
                "--recording",
                TestFiles.RECORDINGS.resolve("runs/ada_moreg_30_fast").toString(),
                "--shards",
                members,
                "--divide",
                divided);
        assertThat(ran.out()).contains("ada_moreg_30_fast: PASS").doesNotContain("FAIL");
        assertThat(ran.exitCode()).isZero();
    }

    @Test
    void aRecordingWithOtherSettingsFails() throws IOException {
        Path copy = copyOf("ada_30_fast", json -> json.replaceFirst("0\\.16", "0.22"));
        CommandLineRunner ran = verify(copy);
        assertThat(ran.out()).contains("FAIL").doesNotContain("PASS");
        assertThat(ran.exitCode()).isEqualTo(1);
    }

    @Test
    void aRecordingThatIsNoJsonIsBadInput() throws IOException {
        CommandLineRunner ran = verify(copyOf("ada_30_fast", json -> json.substring(0, 300)));
        assertThat(ran.err()).contains("ada_30_fast.json is no JSON");
        assertThat(ran.exitCode()).isEqualTo(2);
    }

    @Test
    void aRecordingThatIsCutOffIsBadInput() throws IOException {
        Path copy = copyOf("ada_30_fast", json -> json);
        Path arrays = copy.resolveSibling("ada_30_fast.npz");
        byte[] bytes = Files.readAllBytes(arrays);
        Files.write(arrays, java.util.Arrays.copyOf(bytes, bytes.length / 2));
        CommandLineRunner ran = verify(copy);
        assertThat(ran.err()).contains("is no NumPy archive");
        assertThat(ran.exitCode()).isEqualTo(2);
    }

    @Test
    void aRecordingOfAnotherModelIsBadInput() throws IOException {
        Path copy = copyOf("ada_30_fast", json -> json.replaceFirst("\"cache_loc\": \\[\\s*2", "\"cache_loc\": [13"));
        CommandLineRunner ran = verify(copy);
        assertThat(ran.err()).contains("no block 13");
        assertThat(ran.exitCode()).isEqualTo(2);
    }

    private interface Change {
        String of(String json);
    }

    private Path copyOf(String name, Change change) throws IOException {
        Path runs = Files.createDirectories(folder.resolve("runs"));
        Path from = TestFiles.RECORDINGS.resolve("runs");
        Files.writeString(runs.resolve(name + ".json"), change.of(Files.readString(from.resolve(name + ".json"))));
        Files.copy(from.resolve(name + ".npz"), runs.resolve(name + ".npz"));
        return runs.resolve(name);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ca_mlp",
                "s_attn",
                "three_locations",
                "ca_mlp_two_locations_strides",
                "two_generations",
                "kept_frames",
                "codebook_of_five"
            })
    void runsOfANaiveTranscriptionPass(String name) {
        CommandLineRunner ran = verify(TestFiles.RECORDINGS.resolve("transcription/" + name));
        assertThat(ran.out()).contains(name + ": PASS").doesNotContain("FAIL");
        assertThat(ran.exitCode()).isZero();
    }

    private static CommandLineRunner verify(Path recording) {
        return CommandLineRunner.run(
                "verify-recording",
                "--model",
                MODEL,
                "--recording",
                recording.toString(),
                "--conditioning",
                TestFiles.RECORDINGS.resolve("conditioning.npz").toString());
    }

    @Test
    void aModelWithoutPipelineCanBeMeasured() throws IOException {
        CommandLineRunner ran = CommandLineRunner.run(
                "compare",
                "--model",
                MODEL,
                "--latent",
                "4x6x12",
                "--prompt",
                "anything",
                "--steps",
                "6",
                "--policies",
                "adacache-slow",
                "--even",
                "--repeat",
                "2",
                "--out",
                folder.toString());
        assertThat(ran.exitCode()).as(ran.err()).isZero();
        assertThat(ran.out()).contains("adacache-slow", "even as adacache-slow");
        assertThat(Files.readString(folder.resolve("results.json"))).contains("\"ssim\" : null");
    }

    @Test
    void generateWritesAClip() {
        CommandLineRunner ran = CommandLineRunner.run(
                "generate",
                "--prompt",
                "a large red circle",
                "--steps",
                "3",
                "--policy",
                "every-2",
                "--guidance",
                "separate",
                "--out",
                folder.toString());
        assertThat(ran.exitCode()).as(ran.err()).isZero();
        assertThat(ran.out()).contains("every-2: 2 of 3 steps computed");
        for (String suffix : List.of(".gif", ".png")) {
            assertThat(folder.resolve("a-large-red-circle-seed-1-every-2" + suffix))
                    .isNotEmptyFile();
        }
    }
}
