package io.adacache.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.adacache.djl.npz.NpyArray;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands that make latents with any model file. */
class LatentCommandsTest {
    @TempDir
    Path folder;

    @Test
    void denoiseWritesTheLatentInTheModelsOrder() throws IOException {
        Path out = folder.resolve("latent.npy");
        CommandLineRunner ran = CommandLineRunner.run(
                "denoise",
                "--model",
                TestFiles.model("latte-class-tiny.pt").toString(),
                "--steps=6",
                "--policy=every:n=2",
                "--out",
                out.toString());
        assertThat(ran.err()).isEmpty();
        assertThat(ran.out()).contains("ddpm, 6 calls").contains("every:n=2: 4 computed, 2 reused");
        NpyArray latent = NpyArray.parse(Files.readAllBytes(out), "latent");
        assertThat(latent.shape()).containsExactly(1L, 4L, 4L, 8L, 8L);
        assertThat(latent.floats()).doesNotContain(Float.NaN);
    }

    @Test
    void deriveCodebookGivesTheWantedShare() {
        CommandLineRunner ran = CommandLineRunner.run(
                "derive-codebook",
                "--model",
                TestFiles.OPEN_SORA.toString(),
                "--steps=20",
                "--target=0.5",
                "--rates=4;3;2;1");
        assertThat(ran.err()).isEmpty();
        assertThat(ran.out())
                .contains("20 calls", "quantiles: 0 %", "10.0 wanted, 10.0 when replayed")
                .containsPattern("--policy adacache:codebook=[0-9.]+:4;[0-9.]+:3;[0-9.]+:2;[0-9.]+:1");
    }

    @Test
    void wrongInputIsOneClearLine() {
        String model = TestFiles.model("latte-tiny.pt").toString();
        assertThat(CommandLineRunner.run("denoise", "--model", model, "--sampler=euler")
                        .err())
                .isEqualToIgnoringNewLines("error: Unknown sampler 'euler'; known: [rectified-flow,"
                        + " rectified-flow-transformed, ddim, ddim-even, pndm, ddpm]");
        assertThat(CommandLineRunner.run("derive-codebook", "--model", model, "--target=2")
                        .exitCode())
                .isEqualTo(2);
        assertThat(CommandLineRunner.run("derive-codebook", "--model", model, "--rates=1;2", "--steps=4")
                        .err())
                .contains("Rates descend");
    }
}
