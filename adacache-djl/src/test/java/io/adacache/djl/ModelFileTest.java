package io.adacache.djl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.adacache.AdaCache;
import io.adacache.CacheSession;
import io.adacache.Policies;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a user sees of files and inputs that do not fit: one clear error, and nothing lost. */
class ModelFileTest {
    private static final Path GOOD = TestModels.file(TestModels.OPEN_SORA);

    @TempDir
    Path folder;

    @Test
    void missingFile() {
        assertLoading(folder.resolve("none.pt")).hasMessageContaining("There is no model file");
    }

    @Test
    void noArchive() throws IOException {
        assertLoading(Files.writeString(folder.resolve("text.pt"), "no model"))
                .hasMessageContaining("is not a TorchScript file")
                .hasMessageContaining("torch.jit.save");
    }

    @Test
    void weightsWithoutCode() {
        assertLoading(Archives.rewrite(GOOD, folder.resolve("weights.pt"), ".py", text -> null))
                .hasMessageContaining("it holds weights but no code");
    }

    @Test
    void truncatedFile() throws IOException {
        byte[] bytes = Files.readAllBytes(GOOD);
        Path half = Files.write(folder.resolve("half.pt"), Arrays.copyOf(bytes, bytes.length / 2));
        assertLoading(half).hasMessageContaining("is not a TorchScript file");
    }

    private Path withoutDigest() {
        return Archives.withoutDigest(GOOD, folder.resolve("plain.pt"));
    }

    @Test
    void brokenCode() {
        Path broken = Archives.rewrite(
                withoutDigest(), folder.resolve("broken.pt"), "stdit3.py", text -> text.replace("return", "retur"));
        assertLoading(broken).hasMessageContaining("cannot be loaded by the PyTorch engine");
    }

    @Test
    void manifestOfAnotherVersion() {
        Path other = Archives.withManifest(
                GOOD,
                folder.resolve("v9.pt"),
                text -> text.replace("\"contract\": " + Manifest.CONTRACT, "\"contract\": 9"));
        assertLoading(other)
                .hasMessageContaining("keeps version 9")
                .hasMessageContaining("versions 1 to " + Manifest.CONTRACT);
    }

    @Test
    void manifestThatLacksAField() {
        Path other = Archives.withManifest(
                GOOD, folder.resolve("no-sites.pt"), text -> text.replace("\"sites\"", "\"sides\""));
        assertLoading(other).hasMessageContaining("lacks 'sites'");
    }

    @Test
    void manifestThatIsNoJson() {
        assertLoading(Archives.withManifest(GOOD, folder.resolve("text.pt"), text -> "{"))
                .hasMessageContaining("is cut off");
    }

    @Test
    void missingMethod() {
        Path other = Archives.rewrite(withoutDigest(), folder.resolve("no-head.pt"), "stdit3.py", text -> text.replace(
                        "def head(", "def hed(")
                .replace("(self).head(", "(self).hed("));
        assertLoading(other).hasMessageContaining("lacks the methods [head]");
    }

    @Test
    void blockPolicyOnAnOpaqueModel() {
        Path opaque = Archives.withManifest(GOOD, folder.resolve("opaque.pt"), text -> null);
        try (TorchScriptTransformer model = TorchScriptTransformer.load(opaque, Device.cpu());
                NDManager manager = model.newManager()) {
            assertThatThrownBy(() -> model.begin(AdaCache.fast(), 30))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("opaque")
                    .hasMessageContaining("adacache_export");
            assertThatThrownBy(model::manifest).hasMessageContaining("opaque");
            try (CacheSession<NDArray> session = model.begin(Policies.parse("every-2"), 4)) {
                NDArray first = session.step(TestModels.openSora(manager, 1, 900));
                NDArray second = session.step(TestModels.openSora(manager, 2, 800));
                assertThat(second.toFloatArray()).isEqualTo(first.toFloatArray());
            }
            assertThat(model.live()).isZero();
        }
    }

    @Test
    void closingAModelInUse() {
        TorchScriptTransformer model = TestModels.load(TestModels.OPEN_SORA);
        CacheSession<NDArray> session = model.begin(Policies.none(), 4);
        assertThatThrownBy(model::close)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("(none, 0 of 4 steps)");
        session.close();
        model.close();
        model.close();
        assertThatThrownBy(() -> model.begin(Policies.none(), 4)).hasMessageContaining("is closed");
    }

    @Test
    void inputsThatDoNotFit() {
        try (TorchScriptTransformer model = TestModels.load(TestModels.OPEN_SORA);
                NDManager manager = model.newManager();
                CacheSession<NDArray> session = model.begin(AdaCache.fast(), 30)) {
            NDList good = TestModels.openSora(manager, 1, 900);
            session.step(good);
            assertStep(session, new NDList(good.subList(0, 7))).hasMessageContaining("takes 8 inputs, but got 7");
            assertStep(session, with(good, 0, manager.zeros(new Shape(2, 4, 8, 8))))
                    .hasMessageContaining("'x'")
                    .hasMessageContaining("rank 4, but the model takes rank 5");
            assertStep(session, with(good, 0, manager.zeros(new Shape(2, 3, 8, 8, 8))))
                    .hasMessageContaining("must be 4");
            assertStep(session, with(good, 0, manager.zeros(new Shape(2, 4, 8, 8, 8), DataType.FLOAT16)))
                    .hasMessageContaining("float16, but the model takes float32");
            assertStep(session, with(good, 1, manager.zeros(new Shape(3))))
                    .hasMessageContaining("'timestep'")
                    .hasMessageContaining("must be 2 as in input 'x'");
            assertStep(session, TestModels.openSora(manager, 1, 900, 8, 10, 8)).hasMessageContaining("changed size");
            assertThat(session.step(TestModels.openSora(manager, 2, 800)).getShape())
                    .isEqualTo(new Shape(2, 8, 8, 8, 8));
        }
    }

    private static NDList with(NDList inputs, int index, NDArray other) {
        NDList copy = new NDList(inputs);
        copy.set(index, other);
        return copy;
    }

    private static org.assertj.core.api.AbstractThrowableAssert<?, ?> assertStep(
            CacheSession<NDArray> session, NDList inputs) {
        return assertThatThrownBy(() -> session.step(inputs)).isInstanceOf(IllegalArgumentException.class);
    }

    private static org.assertj.core.api.AbstractThrowableAssert<?, ?> assertLoading(Path file) {
        return assertThatThrownBy(() -> TorchScriptTransformer.load(file, Device.cpu()))
                .isInstanceOf(ModelFileException.class);
    }
}
