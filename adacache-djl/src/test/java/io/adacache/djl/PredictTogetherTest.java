package io.adacache.djl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.offset;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.adacache.CacheSession;
import io.adacache.djl.TorchScriptTransformer.Checks;
import io.adacache.djl.TorchScriptTransformer.Division;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Guidance by a loop that has the inputs of two calls: both at the same time, on a device each. */
class PredictTogetherTest {
    private static final int STEPS = 6;

    private static TorchScriptTransformer load(String file, int members) {
        return TorchScriptTransformer.load(
                TestModels.file(file), Collections.nCopies(members, Device.cpu()), Division.ROWS, Checks.STRUCTURE);
    }

    /** The inputs of one branch: its text is another's. */
    private static NDList branch(TorchScriptTransformer model, NDManager manager, int rows, int step, double text) {
        NDList inputs = SharedRun.inputs(model, manager, rows, step);
        int at = model.manifest().indexOf("text");
        int label = model.manifest().indexOf("class-label");
        if (at >= 0) {
            inputs.set(at, inputs.get(at).mul(text));
        } else if (label >= 0) {
            inputs.set(label, inputs.get(label).mul(0).add(text > 0.5 ? 0 : 1));
        }
        return inputs;
    }

    /** What each branch gives when it is called alone, with the schedule that both share. */
    @ParameterizedTest
    @ValueSource(
            strings = {"open-sora-tiny.pt", "latte-tiny.pt", "latte-class-tiny.pt", "joint-tiny.pt", "wan-tiny.pt"})
    void eachBranchGetsWhatItGetsAlone(String file) {
        for (int rows : List.of(1, 2)) {
            try (TorchScriptTransformer alone = TestModels.load(file);
                    TorchScriptTransformer two = load(file, 2)) {
                List<float[]> expected = oneAfterTheOther(alone, rows);
                List<float[]> found = together(two, rows);
                assertThat(two.live()).isZero();
                for (int i = 0; i < expected.size(); i++) {
                    assertThat(found.get(i)).as("call " + i).containsExactly(expected.get(i), offset(1e-5f));
                }
                assertThat(found.get(0)).isNotEqualTo(found.get(1));
            }
        }
    }

    private static List<float[]> oneAfterTheOther(TorchScriptTransformer model, int rows) {
        List<float[]> predictions = new ArrayList<>();
        try (NDManager manager = model.newManager();
                CachingPredictor predictor = model.newPredictor();
                CacheSession<NDArray> session = predictor.begin("every-2", STEPS, "conditional", "unconditional")) {
            for (int step = 0; step < STEPS; step++) {
                predictions.add(predictor
                        .predict("conditional", branch(model, manager, rows, step, 1))
                        .get(0)
                        .toFloatArray());
                predictions.add(predictor
                        .predict("unconditional", branch(model, manager, rows, step, 0.25))
                        .get(0)
                        .toFloatArray());
            }
            assertThat(session.stats().reusedSteps()).isPositive();
        }
        return predictions;
    }

    private static List<float[]> together(TorchScriptTransformer model, int rows) {
        List<float[]> predictions = new ArrayList<>();
        try (NDManager manager = model.newManager();
                CachingPredictor predictor = model.newPredictor();
                CacheSession<NDArray> session = predictor.begin("every-2", STEPS)) {
            for (int step = 0; step < STEPS; step++) {
                List<NDList> calls =
                        List.of(branch(model, manager, rows, step, 1), branch(model, manager, rows, step, 0.25));
                predictor
                        .predictTogether(calls)
                        .forEach(one -> predictions.add(one.get(0).toFloatArray()));
            }
            assertThat(session.stats().reusedSteps()).isPositive();
        }
        return predictions;
    }

    /** The prediction belongs to the caller's manager, and what was made beside it is freed. */
    @Test
    void nothingIsLeft() {
        try (TorchScriptTransformer model = load("open-sora-tiny.pt", 2);
                CachingPredictor predictor = model.newPredictor();
                CacheSession<NDArray> session = predictor.begin("every-2", STEPS)) {
            try (NDManager manager = model.newManager()) {
                NDList one = branch(model, manager, 1, 0, 1);
                predictor.predictTogether(List.of(one, one));
                assertThat(session.stats().computedSteps() + session.stats().reusedSteps())
                        .isEqualTo(1);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"text, pad the shorter text", "latent, latents differ in shape"})
    void branchesThatDoNotFitAreRefused(String role, String message) {
        try (TorchScriptTransformer model = load("open-sora-tiny.pt", 2);
                NDManager manager = model.newManager();
                CachingPredictor predictor = model.newPredictor();
                CacheSession<NDArray> session = predictor.begin("every-2", STEPS)) {
            NDList one = branch(model, manager, 1, 0, 1);
            NDList other = branch(model, manager, 1, 0, 1);
            int at = model.manifest().indexOf(role);
            long[] shape = other.get(at).getShape().getShape().clone();
            shape[2]++;
            other.set(at, manager.zeros(new Shape(shape)));
            assertThatThrownBy(() -> predictor.predictTogether(List.of(one, other)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(message);
            assertThatThrownBy(() -> predictor.predictTogether(List.of())).isInstanceOf(IllegalArgumentException.class);
            assertThat(model.live()).isZero();
            // Nothing was lost: the generation goes on.
            assertThat(predictor.predictTogether(List.of(one, one))).hasSize(2);
            assertThat(session.stats().computedSteps()).isEqualTo(1);
        }
    }

    @Test
    void withoutAGenerationItIsRefused() {
        try (TorchScriptTransformer model = TestModels.load("joint-tiny.pt");
                NDManager manager = model.newManager();
                CachingPredictor predictor = model.newPredictor()) {
            NDList one = branch(model, manager, 1, 0, 1);
            assertThatThrownBy(() -> predictor.predictTogether(List.of(one, one)))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("begin");
        }
    }
}
