package io.adacache.djl;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.adacache.CacheSession;
import io.adacache.spi.Transformer.Embedder;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is kept of inputs that are the same in all steps never changes a prediction, whatever a caller does to them. */
class SteadyInputsTest {
    private static final int STEPS = 6;

    private static NDArray input(TorchScriptTransformer model, NDList inputs, String role) {
        return inputs.get(model.manifest().indexOf(role));
    }

    private static void isPlain(TorchScriptTransformer model, CacheSession<NDArray> session, NDList inputs) {
        try (NDArray plain = model.predict(inputs);
                NDArray stepped = session.step(inputs)) {
            assertThat(stepped.toFloatArray()).isEqualTo(plain.toFloatArray());
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "open-sora-tiny.pt",
                "open-sora-tiny-bf16.pt",
                "latte-tiny.pt",
                "open-sora-plan-tiny.pt",
                "wan-tiny.pt",
                "wan-i2v-tiny.pt",
                "wan-ti2v-tiny.pt"
            })
    void everyStepIsWhatThePlainModelGives(String file) {
        try (TorchScriptTransformer model = TestModels.load(file);
                CacheSession<NDArray> session = model.begin("none", STEPS);
                NDManager manager = model.newManager()) {
            assertThat(model.embedder()).isInstanceOf(SteadyInputs.class);
            NDList inputs = TestModels.madeUp(model.manifest(), manager, 1);
            isPlain(model, session, inputs);
            // The same text in another array, another latent and noise level.
            NDList others = TestModels.madeUp(model.manifest(), manager, 1);
            input(model, others, "latent").addi(0.5);
            input(model, others, "timestep").subi(1);
            isPlain(model, session, others);
            isPlain(model, session, others);
            // Another text, written into the old array: nobody says so.
            input(model, others, "text").addi(0.25);
            isPlain(model, session, others);
            isPlain(model, session, inputs);
            isPlain(model, session, others);
        }
    }

    @Test
    void textIsProjectedOnceAndEverythingComesBack() {
        try (TorchScriptTransformer model = TestModels.load(TestModels.OPEN_SORA);
                NDManager manager = model.newManager()) {
            NDList inputs = TestModels.madeUp(model.manifest(), manager, 1);
            try (CacheSession<NDArray> session = model.begin("every-2", STEPS)) {
                session.step(inputs).close();
                int afterFirst = model.live();
                session.step(inputs).close();
                assertThat(model.live()).isEqualTo(afterFirst).isPositive();
            }
            assertThat(model.live()).isZero();
        }
    }

    @Test
    void aFileWithoutTheMethodIsEmbeddedAnewInEveryStep() {
        try (TorchScriptTransformer model = TestModels.load("joint-tiny.pt");
                Embedder<NDArray> embedder = model.embedder();
                NDManager manager = model.newManager()) {
            assertThat(embedder).isNotInstanceOf(SteadyInputs.class);
            embedder.embed(TestModels.madeUp(model.manifest(), manager, 1)).close();
            assertThat(List.copyOf(model.tiers().keySet())).contains("lossless");
        }
    }
}
