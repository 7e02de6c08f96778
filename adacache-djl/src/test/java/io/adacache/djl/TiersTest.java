package io.adacache.djl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.adacache.CacheSession;
import io.adacache.CacheStats;
import io.adacache.djl.Manifest.Tier;
import io.adacache.policy.Generation.Scope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A service asks for {@code fast}, and gets what was found for this model. */
class TiersTest {
    private static final int STEPS = 4;
    private static final Tier FAST = new Tier(
            "every:n=2",
            new Scope(STEPS, List.of(1000.0, 750.0, 500.0, 250.0), 1, "", Map.of("sampler", "euler")),
            Map.of("speedup", 1.9, "psnr", 33.5));

    @TempDir
    Path folder;

    private Path file;

    @BeforeEach
    void copy() throws IOException {
        file = Files.copy(TestModels.file(TestModels.OPEN_SORA), folder.resolve("model.pt"));
    }

    private static CacheStats run(Path file, String policy, int steps) {
        try (TorchScriptTransformer model = TorchScriptTransformer.load(file, Device.cpu());
                CacheSession<NDArray> session = model.begin(policy, steps);
                NDManager manager = model.newManager()) {
            for (int step = 0; step < steps; step++) {
                session.step(TestModels.openSora(manager, step, 1000 - 1000.0 * step / steps));
            }
            return session.stats();
        }
    }

    @Test
    void theyStandBesideTheModelOrInItsManifest() throws IOException {
        assertThat(FAST.writeBeside(file, "fast")).hasFileName("model.pt.tiers.json");
        Path copy = folder.resolve("copy.pt");
        ManifestEdit.of(file).tier("fast", FAST).write(copy, false);
        assertThat(Manifest.read(copy).tiers()).isEqualTo(Map.of("fast", FAST));
        assertThat(Tier.beside(file)).isEqualTo(Map.of("fast", FAST));
        for (Path each : List.of(file, copy)) {
            CacheStats stats = run(each, "fast", STEPS);
            assertThat(stats.policy()).isEqualTo("fast (every:n=2)");
            assertThat(stats.computedSteps()).isEqualTo(3);
            assertThat(stats.warnings()).isEmpty();
        }
    }

    @Test
    void outsideItsScopeATierSaysSo() throws IOException {
        FAST.writeBeside(file, "fast");
        assertThat(run(file, "fast", 6).warnings()).singleElement().asString().contains("fitted for 4 steps (here 6)");
    }

    @Test
    void withWeightsOfAnotherDtypeATierSaysSo() throws IOException {
        Tier half = new Tier("every:n=2", new Scope(STEPS, List.of(), 0, "", Map.of("dtype", "bfloat16")), Map.of());
        half.writeBeside(file, "fast");
        assertThat(run(file, "fast", STEPS).warnings())
                .singleElement()
                .asString()
                .contains("fitted for dtype bfloat16 (here float32)");
    }

    @Test
    void theNoiseLevelOfTheSecondCallTellsAnotherShift() throws IOException {
        Tier shifted = new Tier(
                "every:n=2", new Scope(STEPS, List.of(1000.0, 900.0, 750.0, 500.0), 0, "", Map.of()), Map.of());
        shifted.writeBeside(file, "fast");
        assertThat(run(file, "fast", STEPS).warnings())
                .singleElement()
                .asString()
                .contains("another sampler or shift");
    }

    @Test
    void losslessIsThePlainModel() {
        try (TorchScriptTransformer model = TorchScriptTransformer.load(file, Device.cpu());
                CacheSession<NDArray> session = model.begin("lossless", 1);
                NDManager manager = model.newManager()) {
            NDList inputs = TestModels.openSora(manager, 3, 700);
            float[] plain = model.predict(inputs).toFloatArray();
            assertThat(session.step(inputs).toFloatArray()).isEqualTo(plain);
            assertThat(model.tiers()).containsOnlyKeys("lossless");
        }
    }

    @Test
    void anOpaqueFileHasThemBeside() throws IOException {
        Path opaque = Files.copy(TestModels.file(TestModels.OPAQUE), folder.resolve("opaque.pt"));
        FAST.writeBeside(opaque, "fast");
        try (TorchScriptTransformer model = TorchScriptTransformer.load(opaque, Device.cpu())) {
            assertThat(model.policy("fast", STEPS).scope()).contains(FAST.scope());
        }
    }

    @Test
    void aNewOneTakesThePlaceOfTheOldAndTheOthersStay() throws IOException {
        FAST.writeBeside(file, "fast");
        FAST.writeBeside(file, "high");
        Tier other = new Tier("every:n=3", FAST.scope(), Map.of());
        other.writeBeside(file, "fast");
        assertThat(Tier.beside(file)).isEqualTo(Map.of("fast", other, "high", FAST));
    }

    @Test
    void whatCannotBeATierIsRefused() throws IOException {
        for (String name : List.of("lossless", "none", "every-2", "Fast", "", "a b", "adacache-fast")) {
            assertThatIllegalArgumentException().isThrownBy(() -> FAST.writeBeside(file, name));
        }
        assertThat(folder.resolve("model.pt.tiers.json")).doesNotExist();
        try (TorchScriptTransformer model = TorchScriptTransformer.load(file, Device.cpu())) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> model.begin("fast", STEPS))
                    .withMessageContaining("Tiers of this model: lossless");
        }
        Files.writeString(folder.resolve("model.pt.tiers.json"), "{\"format\": \"adacache-tiers\", \"version\": 2}");
        assertThatThrownBy(() -> TorchScriptTransformer.load(file, Device.cpu()))
                .isInstanceOf(ModelFileException.class)
                .hasMessageContaining("tiers.json holds no tiers");
    }
}
