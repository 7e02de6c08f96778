package io.adacache.djl;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import io.adacache.djl.TorchScriptTransformer.Checks;
import io.adacache.testkit.ModelHarness;
import io.adacache.testkit.SessionKit;
import io.adacache.testkit.TransformerKit;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;

/** A model that two members share against the kits of transformers and sessions: failures and cancellation at every call included. */
class SeveralDevicesKitTest {
    private static TorchScriptTransformer openSora;
    private static TorchScriptTransformer joint;

    @BeforeAll
    static void load() {
        openSora = load(TestModels.OPEN_SORA);
        joint = load("joint-tiny.pt");
    }

    private static TorchScriptTransformer load(String name) {
        return TorchScriptTransformer.load(
                TestModels.file(name), List.of(Device.cpu(), Device.cpu()), Checks.STRUCTURE);
    }

    @AfterAll
    static void close() {
        openSora.close();
        joint.close();
    }

    @Nested
    class Transformers extends TransformerKit<NDArray> {
        @Override
        protected ModelHarness<NDArray> harness() {
            return new OpenSoraHarness(openSora);
        }
    }

    @Nested
    class Sessions extends SessionKit<NDArray> {
        @Override
        protected ModelHarness<NDArray> harness() {
            return new OpenSoraHarness(openSora);
        }
    }

    @Nested
    class JointTransformers extends TransformerKit<NDArray> {
        @Override
        protected ModelHarness<NDArray> harness() {
            return new ManifestHarness(joint);
        }
    }
}
