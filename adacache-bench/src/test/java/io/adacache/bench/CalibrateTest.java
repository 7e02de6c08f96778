package io.adacache.bench;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.adacache.Policies;
import io.adacache.djl.Manifest;
import io.adacache.djl.TorchScriptTransformer;
import io.adacache.djl.npz.NpyArray;
import io.adacache.policy.CachePolicy;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A wish becomes a setting, and the setting a name that a service asks for. */
class CalibrateTest {
    private static final String MODEL = TestFiles.OPEN_SORA.toString();
    private static final String TRACED = Path.of(
                    "..", "adacache-djl", "src", "test", "resources", "traced", "joint-pair.pt")
            .toString();

    @TempDir
    Path folder;

    private CommandLineRunner calibrate(String... more) {
        String[] common = {"calibrate", "--model", MODEL, "--steps", "10", "--tuning", "2", "--checking", "1", "--out"};
        String[] all = new String[common.length + 1 + more.length];
        System.arraycopy(common, 0, all, 0, common.length);
        all[common.length] = folder.resolve("out").toString();
        System.arraycopy(more, 0, all, common.length + 1, more.length);
        return CommandLineRunner.run(all);
    }

    private JsonNode json() throws IOException {
        return new ObjectMapper().readTree(folder.resolve("found.json").toFile());
    }

    @Test
    void aSettingIsFoundAndAnotherWishUsesTheSameGenerations() throws IOException {
        String file = folder.resolve("found.json").toString();
        CommandLineRunner ran = calibrate("--speedup", "2", "--policy", "even:steps=*", "--json", file);
        assertThat(ran.exitCode()).as(ran.err() + ran.out()).isZero();
        JsonNode found = json();
        assertThat(found.path("target").path("speedup").asDouble()).isEqualTo(2);
        assertThat(found.path("reachable").asBoolean()).isTrue();
        assertThat(Policies.parse(found.path("setting").asText()).name()).isEqualTo("even:steps=5");
        for (String what : new String[] {"predicted", "measured"}) {
            JsonNode outcome = found.path(what);
            assertThat(outcome.path("speedup").path("operations").asDouble()).isBetween(1.7, 2.1);
            assertThat(outcome.path("speedup").path("wall_clock").asDouble()).isPositive();
            assertThat(outcome.path("psnr").path("low").asDouble())
                    .isLessThanOrEqualTo(outcome.path("psnr").path("mean").asDouble());
            assertThat(outcome.path("psnr").has("worst")).isTrue();
        }
        assertThat(found.path("generations_spent").asDouble()).isBetween(3.0, 8.0);
        assertThat(found.path("scope").path("steps").asInt()).isEqualTo(10);
        assertThat(folder.resolve("out/curve.svg")).content().startsWith("<svg").contains("measured");

        ran = calibrate("--speedup", "1.4", "--policy", "even:steps=*", "--json", file);
        assertThat(ran.exitCode()).as(ran.err()).isZero();
        assertThat(ran.out()).contains("goes on with what is kept");
        assertThat(json().path("setting").asText()).isEqualTo("even:steps=7");
    }

    @Test
    void aWishOutOfReachIsSaidAndWritten() throws IOException {
        CommandLineRunner ran = calibrate(
                "--speedup",
                "50",
                "--policy",
                "even:steps=*",
                "--json",
                folder.resolve("found.json").toString());
        assertThat(ran.exitCode()).isEqualTo(ExitCodes.CHECK_FAILED);
        assertThat(ran.err()).startsWith("error: 50 times faster is not among what this policy can do");
        assertThat(ran.err().strip().lines()).hasSize(1);
        assertThat(json().path("reachable").asBoolean()).isFalse();
        assertThat(json().path("why").asText()).contains("can be reached");
    }

    @Test
    void whatIsWrongIsSaidBeforeAnythingIsGenerated() {
        assertThat(calibrate("--speedup", "2", "--psnr", "30").err()).contains("mutually exclusive");
        assertThat(calibrate().err()).contains("--speedup");
        assertThat(calibrate("--speedup", "0.5").err()).contains("above 1");
        assertThat(calibrate("--speedup", "2", "--json", "/nowhere/found.json").err())
                .contains("no folder");
        assertThat(calibrate("--speedup", "2", "--tier", "none").err()).contains("is a policy already");
        assertThat(calibrate("--speedup", "2", "--policy", "none").err()).contains("no setting to be calibrated");
        CommandLineRunner demo = CommandLineRunner.run("calibrate", "--speedup", "2", "--tier", "fast");
        assertThat(demo.err()).contains("--model");
        assertThat(demo.exitCode()).isEqualTo(ExitCodes.WRONG_INPUT);
    }

    /** The three commands of docs/calibrate.md. */
    @Test
    void fromATracedFileToATierInThreeCommands() throws IOException {
        String model = folder.resolve("model.pt").toString();
        CommandLineRunner ran = CommandLineRunner.run("instrument", "--in", TRACED, "--out", model);
        assertThat(ran.exitCode()).as(ran.err()).isZero();
        String text = text(Manifest.read(Path.of(model))).toString();
        ran = CommandLineRunner.run(
                ("calibrate --model " + model + " --conditioning " + text + " --steps 10 --speedup 1.6 --tier fast"
                                + " --tuning 2 --checking 1 --out " + folder.resolve("out"))
                        .split(" "));
        assertThat(ran.exitCode()).as(ran.err() + ran.out()).isZero();
        assertThat(ran.out()).contains("'fast' in ", "begin(\"fast\", 10)");
        ran = CommandLineRunner.run(("compare --model " + model + " --conditioning " + text
                        + " --steps 10 --policy fast --out " + folder.resolve("comparison"))
                .split(" "));
        assertThat(ran.exitCode()).as(ran.err()).isZero();
        assertThat(ran.out()).contains("fast");
        try (TorchScriptTransformer dit = TorchScriptTransformer.load(Path.of(model), Device.cpu())) {
            CachePolicy policy = dit.policy("fast", 10);
            assertThat(policy.name()).startsWith("fast (");
            assertThat(policy.scope().orElseThrow().steps()).isEqualTo(10);
        }
        ran = CommandLineRunner.run(("denoise --model " + model + " --steps 8 --policy fast").split(" "));
        assertThat(ran.out()).contains("fitted for 10 steps (here 8)");
    }

    private Path text(Manifest manifest) throws IOException {
        List<String> shape = manifest.inputs().get(manifest.indexOf("text")).shape();
        int size = Integer.parseInt(shape.get(2));
        int length = manifest.sizes().getOrDefault(shape.get(1), 6);
        Path file = folder.resolve("text.npz");
        Random random = new Random(4);
        try (OutputStream out = Files.newOutputStream(file);
                ZipOutputStream zip = new ZipOutputStream(out)) {
            for (String name : new String[] {"text", "nothing"}) {
                // Three prompts; the null prompt once for all.
                int clips = name.equals("text") ? 3 : 1;
                float[] values = new float[clips * length * size];
                for (int i = 0; i < values.length; i++) {
                    values[i] = (float) random.nextGaussian();
                }
                zip.putNextEntry(new ZipEntry(String.format(Locale.ROOT, "%s.npy", name)));
                zip.write(NpyArray.format(values, new long[] {clips, length, size}));
            }
        }
        return file;
    }
}
