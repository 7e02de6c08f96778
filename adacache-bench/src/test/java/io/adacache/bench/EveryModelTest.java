package io.adacache.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.adacache.djl.npz.NpyArray;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What {@code denoise} can run, the other commands can: models, samplers, text from files, guidance, batches. */
class EveryModelTest {
    @TempDir
    Path folder;

    private static String model(String name) {
        return TestFiles.model(name).toString();
    }

    /** Text of another file than the model's own, as an archive of arrays. */
    private Path conditioning(int length, int channels) throws IOException {
        Path file = folder.resolve("text.npz");
        Random random = new Random(4);
        try (OutputStream out = Files.newOutputStream(file);
                ZipOutputStream zip = new ZipOutputStream(out)) {
            for (String name : new String[] {"text", "nothing"}) {
                float[] values = new float[length * channels];
                for (int i = 0; i < values.length; i++) {
                    values[i] = (float) random.nextGaussian();
                }
                zip.putNextEntry(new ZipEntry(name + ".npy"));
                zip.write(NpyArray.format(values, new long[] {1, length, channels}));
            }
        }
        return file;
    }

    @ParameterizedTest
    @CsvSource({
        "open-sora-tiny.pt, rectified-flow-transformed",
        "latte-tiny.pt, ddim",
        "latte-class-tiny.pt, ddpm",
        "joint-tiny.pt, ddim"
    })
    void compareTakesEveryModelWithItsPublishedSampler(String file, String sampler) throws IOException {
        CommandLineRunner ran = CommandLineRunner.run(
                "compare", "--model", model(file), "--steps", "4", "--policies", "every-2", "--out", folder.toString());
        assertThat(ran.exitCode()).as(ran.err()).isZero();
        JsonNode results =
                new ObjectMapper().readTree(folder.resolve("results.json").toFile());
        assertThat(results).hasSize(2);
        assertThat(results.get(1).path("computed_steps").asInt()).isEqualTo(3);
        assertThat(Files.readString(folder.resolve("about.json")))
                .contains("4 steps of " + sampler.replace("-transformed", ""));
    }

    @Test
    void textComesFromAFile() throws IOException {
        String text = conditioning(6, 32).toString();
        CommandLineRunner compared = CommandLineRunner.run(
                "compare",
                "--model",
                model("latte-tiny.pt"),
                "--conditioning",
                text,
                "--steps",
                "4",
                "--guidance",
                "separate",
                "--scale",
                "2",
                "--sampler",
                "ddim-even",
                "--batch",
                "2",
                "--policies",
                "every-2",
                "--out",
                folder.toString());
        assertThat(compared.exitCode()).as(compared.err()).isZero();
        assertThat(Files.readString(folder.resolve("results.json"))).contains("\"prompt\" : \"text\"");
        assertThat(Files.readString(folder.resolve("about.json"))).contains("guidance 2.0 separate");
        CommandLineRunner generated = CommandLineRunner.run(
                "generate",
                "--model",
                model("latte-tiny.pt"),
                "--conditioning",
                text,
                "--steps",
                "3",
                "--policy",
                "none",
                "--out",
                folder.toString());
        assertThat(generated.exitCode()).as(generated.err()).isZero();
        assertThat(folder.resolve("text-seed-1-none.gif")).isNotEmptyFile();
        CommandLineRunner recorded = CommandLineRunner.run(
                "record",
                "--model",
                model("latte-tiny.pt"),
                "--conditioning",
                text,
                "--steps",
                "3",
                "--policy",
                "adacache",
                "--out",
                folder.resolve("r").toString());
        assertThat(recorded.exitCode()).as(recorded.err()).isZero();
        assertThat(CommandLineRunner.run(
                                "replay", "--recording", folder.resolve("r").toString(), "--policy", "every-2")
                        .exitCode())
                .isZero();
    }

    @Test
    void fitsTakeAModelThatCannotBePrompted() {
        CommandLineRunner ran =
                CommandLineRunner.run("fit-magcache", "--model", model("joint-tiny.pt"), "--steps", "3", "--runs", "2");
        assertThat(ran.exitCode()).as(ran.err()).isZero();
        assertThat(ran.out()).contains("mean over 2 generations of 3 steps");
    }

    /** It was refused, with the advice to use --latent, which it did not take. */
    @Test
    void tuneMotionTakesAModelThatCannotBePrompted() {
        CommandLineRunner ran = CommandLineRunner.run(
                "tune-motion",
                "--model",
                model("open-sora-tiny.pt"),
                "--latent",
                "2x4x4",
                "--prompt",
                "anything",
                "--steps",
                "12");
        assertThat(ran.exitCode()).as(ran.err()).isZero();
        assertThat(ran.out()).contains("scale  power  gradient", "\"adacache-fast-moreg\": {\"motion-scale\"");
        assertThat(CommandLineRunner.run("tune-motion", "--policy", "every-2", "--prompt", "red")
                        .err())
                .contains("--policy is an AdaCache policy, but got every-2");
    }

    /** A codebook that misses the target would be taken for one that meets it. */
    @Test
    void aTargetOutOfReachGivesNoCodebook() {
        CommandLineRunner ran = CommandLineRunner.run(
                "derive-codebook",
                "--model",
                model("open-sora-tiny.pt"),
                "--steps=20",
                "--target=0.05",
                "--rates=4;3;2;1");
        assertThat(ran.exitCode()).isEqualTo(ExitCodes.CHECK_FAILED);
        assertThat(ran.out()).contains("quantiles").doesNotContain("codebook=");
        assertThat(ran.err()).contains("computes 1.0 of 20 calls", "can be reached");
    }

    @Test
    void theDemoModelIsDenoisedAtItsOwnSize() {
        Path out = folder.resolve("latent.npy");
        CommandLineRunner ran = CommandLineRunner.run(
                "denoise", "--prompt", "a red circle", "--steps", "2", "--policy", "none", "--out", out.toString());
        assertThat(ran.exitCode()).as(ran.err()).isZero();
        assertThat(ran.out()).contains("rectified-flow, 2 calls");
        assertThat(out).hasSize(3 * 8 * 32 * 32 * 4 + 128);
    }
}
