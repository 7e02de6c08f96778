package io.adacache.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.adacache.bench.inspect.Inspection;
import io.adacache.djl.Manifest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a model tells before it is loaded, against the published numbers. */
class InspectTest {
    private static Inspection published(String model, long frames, long height, long width, long text) {
        Manifest manifest = Manifest.read(TestFiles.model(model + "-xl.json"));
        return new Inspection(
                manifest, Map.of("batch", 2L, "frames", frames, "height", height, "width", width, "text", text));
    }

    private static double mebibytes(Inspection inspection, String policy) {
        Inspection.Held held = inspection.held(policy, inspection.manifest().steps());
        assertThat(held.problem()).isNull();
        return held.footprint().bytesHeld() / (double) (1 << 20);
    }

    /** Open-Sora at 720p for two seconds in bf16. */
    @Test
    void bytesHeldAreThoseCountedByHand() {
        Inspection inspection = published("open-sora", 15, 90, 160, 20);
        double activation = 2.0 * 54000 * 1152 * 2 / (1 << 20);
        assertThat(activation).isCloseTo(237.3, within(0.05));
        assertThat(mebibytes(inspection, "none")).isZero();
        assertThat(mebibytes(inspection, "adacache-fast")).isCloseTo(475, within(1.0));
        assertThat(mebibytes(inspection, "adacache-fast:spans=pairs") / 1024).isCloseTo(26, within(0.3));
        assertThat(mebibytes(inspection, "adacache-fast:spans=sites") / 1024).isCloseTo(39, within(0.3));
    }

    @ParameterizedTest
    @CsvSource({
        "open-sora, 15, 60, 106, 20, 23850, 107.67, 210",
        "open-sora-plan, 17, 64, 64, 300, 17408, 75.68, 153",
        "latte, 16, 64, 64, 120, 16384, 68.79, 144",
    })
    void tokensOperationsAndBytesOfThePublishedSizes(
            String model, long frames, long height, long width, long text, int tokens, double tera, double held) {
        Inspection inspection = published(model, frames, height, width, text);
        assertThat(inspection.grid().tokens()).isEqualTo(tokens);
        double all = inspection.operations().stream()
                .mapToDouble(Inspection.Part::all)
                .sum();
        assertThat(all / 1e12).isCloseTo(tera, within(0.04 * tera));
        assertThat(mebibytes(inspection, "adacache-fast")).isCloseTo(held, within(1.0));
    }

    @Test
    void theCommandPrintsThem() {
        CommandLineRunner ran = CommandLineRunner.run(
                "inspect",
                "--model",
                TestFiles.model("open-sora-xl.json").toString(),
                "--frames=15",
                "--height=90",
                "--width=160",
                "--text=20");
        assertThat(ran.exitCode()).isZero();
        assertThat(ran.out())
                .contains("STDiT3-XL/2 (open-sora)", "1,207,643,972, bfloat16", "2 rows of 54,000 tokens")
                .containsPattern("adacache-fast +475 MiB")
                .containsPattern("spans=pairs +26.0 GiB")
                .containsPattern("spans=sites +38.9 GiB");
    }

    @ParameterizedTest
    @ValueSource(strings = {"open-sora-tiny.pt", "latte-tiny.pt", "latte-class-tiny.pt", "joint-tiny.pt"})
    void modelFilesAreReadWithoutTheirWeights(String file) {
        CommandLineRunner ran = CommandLineRunner.run(
                "inspect", "--model", TestFiles.model(file).toString());
        assertThat(ran.exitCode()).isZero();
        assertThat(ran.out()).contains("parameters", "sites");
    }

    @Test
    void theRecommendedCodebookIsTaken() {
        Manifest manifest = Manifest.read(TestFiles.model("latte-xl.json"));
        assertThat(manifest.policies()).containsKeys("adacache-fast", "adacache-slow", "adacache-fast-moreg");
        CommandLineRunner ran = CommandLineRunner.run(
                "inspect", "--model", TestFiles.model("latte-xl.json").toString());
        assertThat(ran.out()).contains("adacache-slow:codebook=0.0266:3;0.0467:2;1:1", "Give --frames");
    }

    @Test
    void aSoundFilePassesTheCheckAndADamagedOneDoesNot(@TempDir Path folder) throws IOException {
        CommandLineRunner sound = CommandLineRunner.run(
                "inspect", "--check", "--model", TestFiles.model("small.pt").toString());
        assertThat(sound.out()).contains("PASS: the methods predict as forward, bit for bit");
        assertThat(sound.exitCode()).as(sound.err()).isZero();
        Path damaged = folder.resolve("damaged.pt");
        byte[] bytes = Files.readAllBytes(TestFiles.model("open-sora-tiny.pt"));
        bytes[bytes.length / 2] ^= 1;
        Files.write(damaged, bytes);
        CommandLineRunner refused = CommandLineRunner.run("inspect", "--check", "--model", damaged.toString());
        assertThat(refused.out()).contains("FAIL: ", "is damaged: its checksum or size differs");
        assertThat(refused.exitCode()).isEqualTo(ExitCodes.CHECK_FAILED);
        CommandLineRunner bare = CommandLineRunner.run(
                "inspect",
                "--check",
                "--model",
                TestFiles.model("latte-xl.json").toString());
        assertThat(bare.out()).contains("FAIL: ");
        assertThat(bare.exitCode()).isEqualTo(ExitCodes.CHECK_FAILED);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "opaque.pt | | has no manifest (adacache.json). Cut a copy with one out of it ('explain' tells",
                "none.pt | | There is no model file",
                "latte-class-tiny.pt | --frames=99 | this file has fixed it",
                "latte-tiny.pt | --frames=0 | --frames is 1 or more",
            })
    void badInputIsOneClearLine(String file, String option, String message) {
        String model = TestFiles.model(file).toString();
        CommandLineRunner ran = option == null
                ? CommandLineRunner.run("inspect", "--model", model)
                : CommandLineRunner.run("inspect", "--model", model, option);
        assertThat(ran.err()).startsWith("error: ").contains(message);
        assertThat(ran.exitCode()).isNotZero();
    }
}
