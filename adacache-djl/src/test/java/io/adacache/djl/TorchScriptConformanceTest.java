package io.adacache.djl;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import io.adacache.testkit.ModelHarness;
import io.adacache.testkit.SessionKit;
import io.adacache.testkit.TransformerKit;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.io.TempDir;

/** A TorchScript model against the kits of transformers and sessions; the same file without its manifest too, as an opaque one. */
class TorchScriptConformanceTest {
    @TempDir
    static Path folder;

    private static TorchScriptTransformer model;
    private static TorchScriptTransformer opaque;

    @BeforeAll
    static void load() {
        model = TestModels.load(TestModels.OPEN_SORA);
        Path without =
                Archives.withManifest(TestModels.file(TestModels.OPEN_SORA), folder.resolve("opaque.pt"), text -> null);
        opaque = TorchScriptTransformer.load(without, Device.cpu());
    }

    @AfterAll
    static void close() {
        model.close();
        opaque.close();
    }

    @Nested
    class Transformers extends TransformerKit<NDArray> {
        @Override
        protected ModelHarness<NDArray> harness() {
            return new OpenSoraHarness(model);
        }
    }

    @Nested
    class Sessions extends SessionKit<NDArray> {
        @Override
        protected ModelHarness<NDArray> harness() {
            return new OpenSoraHarness(model);
        }
    }

    @Nested
    class OpaqueTransformers extends TransformerKit<NDArray> {
        @Override
        protected ModelHarness<NDArray> harness() {
            return new OpenSoraHarness(opaque);
        }
    }

    @Nested
    class OpaqueSessions extends SessionKit<NDArray> {
        @Override
        protected ModelHarness<NDArray> harness() {
            return new OpenSoraHarness(opaque);
        }
    }
}
