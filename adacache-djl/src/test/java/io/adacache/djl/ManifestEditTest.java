package io.adacache.djl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.adacache.djl.archive.Archive;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a file cannot know is told afterwards; its code and weights stay what they are. */
class ManifestEditTest {
    private static final int LARGEST = 1 << 24;

    @TempDir
    Path folder;

    private Path file;

    @BeforeEach
    void copy() throws IOException {
        file = Files.copy(TestModels.file(TestModels.OPEN_SORA), folder.resolve("model.pt"));
    }

    private long files() throws IOException {
        try (Stream<Path> all = Files.list(folder)) {
            return all.count();
        }
    }

    @Test
    void everythingThatCanBeToldIsToldAndNothingElseChanges() throws IOException {
        Path changed = folder.resolve("changed.pt");
        Manifest before = Manifest.read(file);
        ManifestEdit.of(file)
                .steps(17)
                .prediction("clean")
                .guidance(new Manifest.Guidance("unconditional-first", 4.5))
                .recommend("adacache-fast", Map.of("codebook", "0.1:3;1:1"))
                .sampling("sampler", "euler")
                .sampling("shift", 3.5)
                .role("fps", "other")
                .named("mine", "Mine")
                .write(changed, false);
        Manifest after = Manifest.read(changed);
        assertThat(after.steps()).isEqualTo(17);
        assertThat(after.prediction().type()).isEqualTo("clean");
        assertThat(after.prediction().shape()).isEqualTo(before.prediction().shape());
        assertThat(after.guidance()).isEqualTo(new Manifest.Guidance("unconditional-first", 4.5));
        assertThat(after.policies()).containsEntry("adacache-fast", Map.of("codebook", "0.1:3;1:1"));
        assertThat(after.details().get("sampling")).isEqualTo(Map.of("sampler", "euler", "shift", 3.5));
        assertThat(after.inputs().get(after.indexOf("text")))
                .isEqualTo(before.inputs().get(before.indexOf("text")));
        assertThat(after.indexOf("fps")).isEqualTo(-1);
        assertThat(after.name()).isEqualTo("Mine");
        assertThat(after.layout()).isEqualTo(before.layout());
        try (Archive a = Archive.open(file);
                Archive b = Archive.open(changed)) {
            assertThat(b.entries().keySet()).isEqualTo(a.entries().keySet());
            for (String name : a.entries().keySet()) {
                if (!name.equals(Archive.MANIFEST)) {
                    assertThat(b.read(name, LARGEST)).as(name).isEqualTo(a.read(name, LARGEST));
                }
            }
        }
    }

    @Test
    void theChangedFileRunsAsBefore() throws IOException {
        ManifestEdit.of(file).steps(5).write(file, true);
        try (TorchScriptTransformer before = TestModels.load(TestModels.OPEN_SORA);
                TorchScriptTransformer after = TorchScriptTransformer.load(file, Device.cpu());
                NDManager manager = before.newManager()) {
            NDList inputs = TestModels.openSora(manager, 3, 500);
            assertThat(after.predict(inputs).toFloatArray())
                    .isEqualTo(before.predict(inputs).toFloatArray());
            assertThat(after.manifest().steps()).isEqualTo(5);
        }
    }

    @Test
    void aManifestInAFileOfItsOwn() throws IOException {
        Path bare = Files.copy(TestModels.file("latte-xl.json"), folder.resolve("latte.json"));
        ManifestEdit.of(bare)
                .guidance(Manifest.Guidance.NONE)
                .named("latte", "für später")
                .write(bare, true);
        assertThat(Manifest.read(bare).guidance()).isEqualTo(Manifest.Guidance.NONE);
        assertThat(Manifest.read(bare).name()).isEqualTo("für später");
        assertThat(Manifest.read(bare).layout())
                .isEqualTo(Manifest.read(TestModels.file("latte-xl.json")).layout());
    }

    @Test
    void whatIsTakenAwayIsGone() {
        ManifestEdit edit = ManifestEdit.of(TestModels.file("latte-xl.json"));
        assertThat(edit.manifest().policies()).containsKey("adacache-fast");
        edit.recommend("adacache-fast", Map.of()).sampling("sampler", "ddim").sampling("sampler", null);
        assertThat(edit.manifest().policies()).doesNotContainKey("adacache-fast");
        assertThat(edit.manifest().details().get("sampling")).isEqualTo(Map.of());
    }

    @Test
    void refusalsNameTheFieldAndLeaveNothing() throws IOException {
        Path target = folder.resolve("other.pt");
        byte[] before = Files.readAllBytes(file);
        assertThatThrownBy(() -> ManifestEdit.of(file).prediction("guess").write(target, false))
                .isInstanceOf(ModelFileException.class)
                .hasMessageContaining("prediction.type")
                .hasMessageContaining("guess");
        assertThatThrownBy(() -> ManifestEdit.of(file).steps(0).write(file, true))
                .isInstanceOf(ModelFileException.class)
                .hasMessageContaining("steps");
        assertThatThrownBy(() -> ManifestEdit.of(file).steps(9).write(file, false))
                .isInstanceOf(ModelFileException.class)
                .hasMessageContaining("exists already");
        assertThatThrownBy(() -> ManifestEdit.of(file).role("nobody", "text"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("nobody")
                .hasMessageContaining("timestep");
        assertThatThrownBy(() -> ManifestEdit.of(file).role("x", "text"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("latent");
        assertThatThrownBy(() -> ManifestEdit.of(file).role("timestep", "txet"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("no role 'txet'");
        assertThatThrownBy(() -> ManifestEdit.of(file).sampling("shfit", 3L))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("no setting 'shfit'");
        assertThatThrownBy(() ->
                        ManifestEdit.of(file).sampling("shift", Double.NaN).manifest())
                .isInstanceOf(ModelFileException.class)
                .hasMessageContaining("NaN");
        assertThatThrownBy(() -> ManifestEdit.of(TestModels.file("opaque.pt")))
                .isInstanceOf(ModelFileException.class)
                .hasMessageContaining("opaque");
        assertThat(files()).isEqualTo(1);
        assertThat(Arrays.equals(Files.readAllBytes(file), before)).isTrue();
    }
}
