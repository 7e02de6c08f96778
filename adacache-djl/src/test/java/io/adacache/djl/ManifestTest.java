package io.adacache.djl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.adacache.layout.TokenGrid;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the manifests of the published sizes say, against the published numbers. */
class ManifestTest {
    private static Manifest published(String name) {
        return Manifest.read(TestModels.file(name + ".json"));
    }

    private static Map<String, Long> sizes(int batch, int frames, int height, int width, int text) {
        return new HashMap<>(Map.of(
                "batch", (long) batch,
                "frames", (long) frames,
                "height", (long) height,
                "width", (long) width,
                "text", (long) text));
    }

    /** Parameters are those of the published checkpoints in millions; latents: 480p-2s, 720p-2s, 512 x 512 of 16 and of 65 frames; Wan's 81
     * frames at 480p and 720p, and 121 frames of TI2V. */
    @ParameterizedTest
    @CsvSource({
        "open-sora-xl, 1208, 15, 60, 106, 23850, 1152",
        "open-sora-xl, 1208, 15, 90, 160, 54000, 1152",
        "latte-xl, 1057, 16, 64, 64, 16384, 1152",
        "open-sora-plan-xl, 1057, 17, 64, 64, 17408, 1152",
        "latte-class-xl, 674, 16, 32, 32, 4096, 1152",
        "wan-t2v-1.3b, 1419, 21, 60, 104, 32760, 1536",
        "wan-t2v-14b, 14288, 21, 90, 160, 75600, 5120",
        "wan-i2v-14b, 16395, 21, 90, 160, 75600, 5120",
        "wan-ti2v-5b, 5000, 31, 44, 80, 27280, 3072",
    })
    void parametersAndTokens(String name, int millions, int frames, int height, int width, int tokens, int channels) {
        Manifest manifest = published(name);
        assertThat(manifest.parameters() / 1e6).isCloseTo(millions, within(0.5));
        TokenGrid grid = manifest.grid(sizes(2, frames, height, width, 300));
        assertThat(grid.tokens()).isEqualTo(tokens);
        assertThat(grid.elements()).isEqualTo(2L * tokens * channels);
    }

    @Test
    void aPrefixIsCountedAndFixedSizesNeedNotBeGiven() {
        Manifest joint = Manifest.read(TestModels.file("joint-tiny.pt"));
        assertThat(joint.grid(sizes(2, 3, 8, 8, 5))).isEqualTo(new TokenGrid(2, 5, 3, 16, 32));
        Manifest classes = Manifest.read(TestModels.file("latte-class-tiny.pt"));
        assertThat(classes.grid(Map.of("batch", 2L)).frames())
                .isEqualTo(classes.sizes().get("frames"));
        assertThatThrownBy(() -> joint.grid(Map.of("batch", 2L, "height", 4L, "width", 4L, "frames", 1L)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'text' is missing");
    }

    @Test
    void noiseLiesInTheFirstChannelsOfTheLatent(@TempDir Path folder) throws IOException {
        Manifest picture = published("wan-i2v-14b");
        assertThat(picture.inputs().get(0).shape()).contains("36");
        assertThat(picture.noiseChannels()).isEqualTo(16);
        assertThat(picture.prediction().type()).isEqualTo("flow");
        assertThat(published("wan-t2v-14b").noiseChannels()).isEqualTo(16);
        assertThat(published("open-sora-xl").noiseChannels()).isEqualTo(4);
        for (String wrong : List.of("[20, 36]", "[0, 36]", "[0]", "16")) {
            Path file = folder.resolve("manifest.json");
            Files.writeString(file, picture.json().replaceFirst("\\[\\s*0,\\s*16\\s*]", wrong));
            assertThatThrownBy(() -> Manifest.read(file))
                    .isInstanceOf(ModelFileException.class)
                    .hasMessageContaining("inputs[0].channels");
        }
    }

    @Test
    void filesWithoutAManifest() {
        assertThatThrownBy(() -> Manifest.read(TestModels.file("opaque.pt")))
                .isInstanceOf(ModelFileException.class)
                .hasMessageContaining("has no manifest");
        assertThatThrownBy(() -> Manifest.read(TestModels.file("not-torchscript.pt")))
                .hasMessageContaining("is not a TorchScript file");
        assertThatThrownBy(() -> Manifest.read(TestModels.file("wrong-version.pt")))
                .hasMessageContaining("version 99");
        assertThatThrownBy(() -> Manifest.read(TestModels.resource("models").resolve("none.pt")))
                .hasMessageContaining("There is no model file");
    }

    @Test
    void aManifestNamesEverythingThatTheModelFileNames() {
        Manifest manifest = Manifest.read(TestModels.file(TestModels.OPEN_SORA));
        try (TorchScriptTransformer model = TestModels.load(TestModels.OPEN_SORA)) {
            assertThat(model.manifest()).isEqualTo(manifest);
        }
    }
}
