package io.adacache.djl;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import io.adacache.djl.TorchScriptTransformer.Checks;
import io.adacache.djl.TorchScriptTransformer.Division;
import io.adacache.testkit.ModelHarness;
import io.adacache.testkit.SessionKit;
import io.adacache.testkit.TransformerKit;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;

/** A model that two members share against the kits of transformers and sessions: failures and cancellation at every call included. */
class SeveralDevicesKitTest {
    private static final List<Device> TWO = List.of(Device.cpu(), Device.cpu());

    private static TorchScriptTransformer openSora;
    private static TorchScriptTransformer joint;
    private static TorchScriptTransformer rows;

    @BeforeAll
    static void load() {
        openSora = load(TestModels.OPEN_SORA);
        joint = load("joint-tiny.pt");
        rows = TorchScriptTransformer.load(TestModels.file(TestModels.OPEN_SORA), TWO, Division.ROWS, Checks.STRUCTURE);
    }

    private static TorchScriptTransformer load(String name) {
        return TorchScriptTransformer.load(TestModels.file(name), TWO, Checks.STRUCTURE);
    }

    @AfterAll
    static void close() {
        openSora.close();
        joint.close();
        rows.close();
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

    @Nested
    class RowsTransformers extends TransformerKit<NDArray> {
        @Override
        protected ModelHarness<NDArray> harness() {
            return new OpenSoraHarness(rows);
        }
    }

    @Nested
    class RowsSessions extends SessionKit<NDArray> {
        @Override
        protected ModelHarness<NDArray> harness() {
            return new OpenSoraHarness(rows);
        }
    }
}
