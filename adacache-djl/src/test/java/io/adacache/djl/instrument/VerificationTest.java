package io.adacache.djl.instrument;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.adacache.CacheSession;
import io.adacache.djl.Manifest;
import io.adacache.djl.ModelFileException;
import io.adacache.djl.TorchScriptTransformer;
import io.adacache.layout.TokenGrid;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a file must show before it is written: that it works as a service uses it, and that there is something to reuse. */
class VerificationTest {
    @TempDir
    Path folder;

    private Path out() {
        return folder.resolve("out.pt");
    }

    private InstrumentReport instrument(String name, InstrumentOptions.Builder options) throws IOException {
        options.verifyInputs(TracedFiles.file(name + ".npz"));
        return Instrumenter.instrument(TracedFiles.file(name + ".pt"), out(), options.build());
    }

    @ParameterizedTest
    @CsvSource({
        "half, float16, 4 of 4",
        "half-inside, float16, 4 of 4",
        "bfloat16-inside, bfloat16, 4 of 4",
        "image-to-video, float32, 4 of 4",
        "packed, float32, 4 of 4",
        "several, float32, 4 of 4",
        "stdit, float32, 12 of 12",
        "joint-pair, float32, 4 of 4"
    })
    void everyDtypeAndFormGeneratesAndTellsItsModulatedInputs(String name, String dtype, String modulated)
            throws IOException {
        InstrumentReport report = instrument(name, InstrumentOptions.builder());
        assertThat(Manifest.read(out()).dtype()).isEqualTo(dtype);
        assertThat(report.notes()).anyMatch(note -> note.contains("equal at " + modulated + " sites"));
        assertThat(report.notes()).noneMatch(note -> note.contains("does not work with this file"));
        assertThat(report.share().additions()).isEqualTo(report.share().allAdditions());
        assertThat(report.share().time()).isBetween(0.0, 1.0);
        assertThat(report.predictions()).isGreaterThanOrEqualTo(36);
        assertThat(report.text()).contains("share: ", report.predictions() + " steps of sessions");
    }

    @Test
    void littleToReuseIsRefusedUnlessTheUserInsists() throws IOException {
        assertThatThrownBy(() -> instrument("heavy-start", InstrumentOptions.builder()))
                .isInstanceOf(InstrumentException.class)
                .hasMessageContaining("residual additions")
                .hasMessageContaining("of the measured time")
                .hasMessageContaining("any-share");
        assertThat(folder).isEmptyDirectory();
        InstrumentReport report =
                instrument("heavy-start", InstrumentOptions.builder().anyShare(true));
        assertThat(report.share().small()).isTrue();
        assertThat(report.share().mostSpeedup()).isLessThan(1.5);
        assertThat(out()).isRegularFile();
    }

    @Test
    void aShareOfTheAdditionsIsEnoughToRefuse() {
        assertThat(new InstrumentReport.Share(1, 6, 0.9, 0.9).small()).isTrue();
        assertThat(new InstrumentReport.Share(4, 6, 0.4, 0.7).small()).isTrue();
        assertThat(new InstrumentReport.Share(4, 6, 0.4, 0.8).small()).isFalse();
        assertThat(new InstrumentReport.Share(4, 6, 0.9, 0).small()).isTrue();
        assertThat(new InstrumentReport.Share(6, 6, 0.1, 0.9).small()).isFalse();
        assertThat(new InstrumentReport.Share(6, 6, 0.9, 0).small()).isFalse();
        assertThat(new InstrumentReport.Share(6, 6, 0.1, 0.1).small()).isFalse();
        assertThat(new InstrumentReport.Share(6, 6, 0.1, 0.1).littleWork()).isTrue();
        assertThat(new InstrumentReport.Share(5, 6, 0.1, 0.1).small()).isTrue();
        assertThat(new InstrumentReport.Share(6, 6, 0.75, 0.9).mostSpeedup()).isCloseTo(4, within(1e-9));
    }

    /** A written file that computes something else than forward does not pass, even if it looks sound. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "out = [(self).adacache_close(last, state, context)] | out = [torch.mul((self).adacache_close(last, state, context), 0.5)]"
            })
    void aWrongMethodDoesNotPassTheFrontDoor(String right, String wrong) throws IOException {
        instrument("tiny", InstrumentOptions.builder());
        String code = TracedFiles.code(out());
        Path edited = withoutDigest(TracedFiles.edited(out(), folder, right.strip(), wrong.strip()));
        assertThat(code).contains(right.strip());
        try (TorchScriptTransformer good = TorchScriptTransformer.load(out(), Device.cpu());
                NDManager manager = good.newManager()) {
            NDList inputs = CallInputs.read(TracedFiles.file("tiny.npz"), List.of("x", "t"), manager);
            assertThat(new FrontDoor(good, new ArrayList<>()).check(inputs, "one size"))
                    .isPositive();
        }
        assertThatThrownBy(() -> generate(edited))
                .isInstanceOfAny(InstrumentException.class, ModelFileException.class)
                .hasMessageContaining("forward");
    }

    private static void generate(Path file) {
        try (TorchScriptTransformer model = TorchScriptTransformer.load(file, Device.cpu());
                NDManager manager = model.newManager()) {
            NDList inputs = CallInputs.read(TracedFiles.file("tiny.npz"), List.of("x", "t"), manager);
            new FrontDoor(model, new ArrayList<>()).check(inputs, "one size");
        }
    }

    /** Loading would tell that the entries are not those that the manifest was written for. */
    private static Path withoutDigest(Path file) throws IOException {
        Map<String, byte[]> entries = TracedFiles.entries(file);
        entries.replaceAll((name, content) -> name.endsWith("adacache.json")
                ? new String(content, StandardCharsets.UTF_8)
                        .replaceAll("\"digest\": \"[0-9a-f]{64}\",?", "")
                        .getBytes(StandardCharsets.UTF_8)
                : content);
        return Files.write(file, TracedFiles.zip(List.copyOf(entries.entrySet())));
    }

    @Test
    void packedTokensAreSoManyFramesAsIsSaid() throws IOException {
        instrument("packed", InstrumentOptions.builder().frames(3));
        Manifest manifest = Manifest.read(out());
        assertThat(manifest.grid(Map.of("batch", 2L, "height", 24L))).isEqualTo(new TokenGrid(2, 0, 3, 8, 8));
        assertThat(manifest.grid(Map.of("batch", 1L, "height", 36L))).isEqualTo(new TokenGrid(1, 0, 3, 12, 8));
        assertThatThrownBy(() -> instrument(
                        "packed", InstrumentOptions.builder().frames(5).overwrite(true)))
                .hasMessageContaining("24 packed tokens do not divide into 5 frames");
        assertThatThrownBy(() -> instrument(
                        "several", InstrumentOptions.builder().frames(3).overwrite(true)))
                .hasMessageContaining("no row of packed tokens");
        assertThatThrownBy(() -> InstrumentOptions.builder().frames(0)).isInstanceOf(IllegalArgumentException.class);
    }

    /** A picture and a mask lie behind the noise; whole-call policies look at the noise alone. */
    @Test
    void conditionsBehindTheNoise() throws IOException {
        instrument("image-to-video", InstrumentOptions.builder());
        try (TorchScriptTransformer model = TorchScriptTransformer.load(out(), Device.cpu());
                NDManager manager = model.newManager()) {
            assertThat(model.manifest().prediction().lastChannel()).isEqualTo(2);
            NDList inputs =
                    CallInputs.read(TracedFiles.file("image-to-video.npz"), List.of("latent", "timestep"), manager);
            for (String policy : List.of("easycache:threshold=100,first=1", "taylorseer")) {
                int steps = 8;
                try (CacheSession<NDArray> session = model.begin(model.policy(policy, steps), steps)) {
                    for (int step = 0; step < steps; step++) {
                        NDList call = new NDList(inputs);
                        call.set(0, inputs.get(0).mul(1 - 0.05 * step));
                        NDArray prediction = session.step(call);
                        assertThat(prediction.getShape().getShape()).containsExactly(2, 2, 3, 4, 6);
                        assertThat(prediction.isNaN().any().getBoolean()).isFalse();
                    }
                    assertThat(session.stats().reusedSteps()).as(policy).isPositive();
                }
            }
        }
    }

    /** The counted operations of a traced file, against the formulas that its family's exporter writes down. */
    @ParameterizedTest
    @CsvSource({"joint-tiny", "latte-class-tiny"})
    void operationsAreThoseOfTheExporter(String name) throws IOException {
        Instrumenter.instrument(TracedFiles.file(name + ".pt"), out(), InstrumentOptions.ofDefaults());
        Manifest counted = Manifest.read(out());
        Manifest exported = Manifest.read(TracedFiles.resource("/io/adacache/djl/models/" + name + ".pt"));
        Map<String, Long> sizes = Map.of("batch", 2L, "frames", 4L, "tokens", 16L, "text", 5L);
        for (String part :
                ((Map<?, ?>) exported.details().get("flops")).keySet().toArray(String[]::new)) {
            if (!part.equals("embed") && !part.equals("head")) {
                assertThat(operations(counted, part, sizes))
                        .as(part)
                        .isCloseTo(operations(exported, part, sizes), within(0.02 * operations(exported, part, sizes)));
            }
        }
        assertThat(operations(counted, "head", sizes)).isPositive();
        assertThat(counted.parameters()).isEqualTo(exported.parameters());
    }

    private static double operations(Manifest manifest, String part, Map<String, Long> sizes) {
        double sum = 0;
        for (Object each : (List<?>) ((Map<?, ?>) manifest.details().get("flops")).get(part)) {
            Map<?, ?> term = (Map<?, ?>) each;
            double product = ((Number) term.get("coefficient")).doubleValue();
            for (Object dimension : (List<?>) term.get("dimensions")) {
                product *=
                        sizes.containsKey(dimension) ? sizes.get(dimension) : Double.parseDouble(dimension.toString());
            }
            sum += product;
        }
        return sum;
    }

    @Test
    void explainAndInstrumentTellTheSameSites() throws IOException {
        for (String name : List.of("tiny", "stdit", "joint-pair")) {
            SpineReport explained = Instrumenter.explain(TracedFiles.file(name + ".pt"));
            InstrumentReport report =
                    instrument(name, InstrumentOptions.builder().overwrite(true));
            assertThat(explained.sites()).hasSameSizeAs(report.spine().sites());
            assertThat(explained.additions()).isEqualTo(report.share().additions());
            assertThat(explained.outside()).isEqualTo(report.spine().outside());
        }
    }
}
