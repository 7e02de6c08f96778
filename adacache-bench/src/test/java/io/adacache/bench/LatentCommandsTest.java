package io.adacache.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.adacache.bench.sampler.Noise;
import io.adacache.djl.npz.NpyArray;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
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
    void denoiseSamplesAsTheManifestSaysAndTakesAPictureFromAFile() throws IOException {
        Path given = folder.resolve("given.npz");
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(given))) {
            put(zip, "text", 1, 4, 8);
            put(zip, "picture", 1, 20, 3, 4, 6);
            put(zip, "image", 1, 257, 6);
        }
        Path out = folder.resolve("latent.npy");
        String model = TestFiles.model("wan-i2v-tiny.pt").toString();
        String[] sizes = {
            "denoise", "--model", model, "--frames=3", "--height=4", "--width=6", "--steps=5", "--policy=every-2"
        };
        CommandLineRunner ran =
                CommandLineRunner.run(with(sizes, "--conditioning", given.toString(), "--out", out.toString()));
        assertThat(ran.err()).isEmpty();
        assertThat(ran.out()).contains("flow-unipc, 5 calls").contains("every-2: 3 computed, 2 reused");
        NpyArray latent = NpyArray.parse(Files.readAllBytes(out), "latent");
        assertThat(latent.shape()).containsExactly(1L, 16L, 3L, 4L, 6L);
        assertThat(latent.floats()).doesNotContain(Float.NaN);
        CommandLineRunner euler = CommandLineRunner.run(
                with(sizes, "--sampler=flow-euler", "--shift=8", "--guidance=batched", "--out", out.toString()));
        assertThat(euler.err()).isEmpty();
        assertThat(euler.out()).contains("flow-euler, 5 calls");
        assertThat(CommandLineRunner.run(with(sizes, "--shift=0")).err())
                .contains("shift")
                .contains("above 0");
    }

    private static String[] with(String[] arguments, String... more) {
        return Stream.concat(Stream.of(arguments), Stream.of(more)).toArray(String[]::new);
    }

    private static void put(ZipOutputStream zip, String name, long... shape) throws IOException {
        int size = 1;
        for (long length : shape) {
            size *= (int) length;
        }
        zip.putNextEntry(new ZipEntry(name + ".npy"));
        zip.write(NpyArray.format(new Noise(size).next(size), shape));
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
                        + " rectified-flow-transformed, flow-euler, flow-unipc, ddim, ddim-even, pndm, ddpm]");
        assertThat(CommandLineRunner.run("derive-codebook", "--model", model, "--target=2")
                        .exitCode())
                .isEqualTo(2);
        assertThat(CommandLineRunner.run("derive-codebook", "--model", model, "--rates=1;2", "--steps=4")
                        .err())
                .contains("Rates descend");
    }
}
