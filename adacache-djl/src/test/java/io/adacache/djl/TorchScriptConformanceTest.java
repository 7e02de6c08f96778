package io.adacache.djl;

import ai.djl.ndarray.NDArray;
import io.adacache.testkit.ModelHarness;
import io.adacache.testkit.SessionKit;
import io.adacache.testkit.TransformerKit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;

/** A TorchScript model against the kits of transformers and sessions. */
class TorchScriptConformanceTest {
    private static TorchScriptTransformer model;

    @BeforeAll
    static void load() {
        model = TestModels.load(TestModels.OPEN_SORA);
    }

    @AfterAll
    static void close() {
        model.close();
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
}
