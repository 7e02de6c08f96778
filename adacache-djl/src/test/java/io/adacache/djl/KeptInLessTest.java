package io.adacache.djl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.adacache.CacheSession;
import io.adacache.Footprint;
import io.adacache.djl.TorchScriptTransformer.Checks;
import io.adacache.policy.CachePolicy;
import io.adacache.policy.Generation;
import io.adacache.spi.TensorOps.Storage;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Kept sums in 16 and in 8 bits: how near they come, what they take, and that what is no number stays none. */
class KeptInLessTest {
    private static final int STEPS = 6;

    private static double error(Storage storage, float[] values, Shape shape) {
        try (NDArrayOps ops = NDArrayOps.load(Device.cpu());
                NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
            NDArray sum = manager.create(values, shape);
            NDArray packed = ops.pack(sum, storage);
            NDArray back = ops.addWeighted(sum.zerosLike(), new double[] {1}, List.of(packed));
            NDArray twice = ops.addWeighted(sum.zerosLike(), new double[] {1.5, 0.5}, List.of(packed, packed));
            double worst = 0;
            float[] one = back.toFloatArray();
            float[] two = twice.toFloatArray();
            for (int i = 0; i < values.length; i++) {
                worst = Math.max(worst, Math.abs(one[i] - values[i]));
                assertThat(two[i]).isCloseTo(2 * one[i], within(1e-3f * Math.abs(one[i]) + 1e-6f));
            }
            List.of(packed, back, twice).forEach(ops::release);
            return worst;
        }
    }

    @ParameterizedTest
    @CsvSource({"HALF, 2e-5", "BYTE, 4e-3"})
    void isExactToItsPartOfATokensLargestElement(Storage storage, double part) {
        float[] values = TestModels.noise(5, 2 * 3 * 64);
        for (int i = 64; i < 128; i++) {
            values[i] *= 1e6f; // far above what fp16 holds
        }
        float largest = 0;
        for (int i = 64; i < 128; i++) {
            largest = Math.max(largest, Math.abs(values[i]));
        }
        assertThat(error(storage, values, new Shape(2, 3, 64))).isLessThan(part * largest);
        float[] zeros = new float[64];
        assertThat(error(storage, zeros, new Shape(1, 1, 64))).isZero();
    }

    @ParameterizedTest
    @EnumSource(names = {"HALF", "BYTE"})
    void whatIsNoNumberStaysNone(Storage storage) {
        for (float none : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
            try (NDArrayOps ops = NDArrayOps.load(Device.cpu());
                    NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
                NDArray packed = ops.pack(manager.create(new float[] {1, none, 2, 3}, new Shape(1, 1, 4)), storage);
                NDArray back = ops.addWeighted(manager.zeros(new Shape(1, 1, 4)), new double[] {1}, List.of(packed));
                assertThat(back.toFloatArray()[1]).isNaN();
                List.of(packed, back).forEach(ops::release);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "open-sora-tiny.pt, FULL",
        "open-sora-tiny.pt, HALF",
        "open-sora-tiny.pt, BYTE",
        "open-sora-tiny-bf16.pt, BYTE"
    })
    void aSessionHoldsWhatWasPredictedAndItsVideoIsNearlyTheSame(String file, Storage storage) {
        try (TorchScriptTransformer model = TestModels.load(file);
                NDManager manager = model.newManager()) {
            for (String text : List.of("every-3", "adacache-fast:spans=pairs", "taylorseer:2")) {
                CachePolicy policy = model.policy(text, STEPS);
                NDList inputs = TestModels.madeUp(model.manifest(), manager, 3);
                Footprint predicted = Footprint.predict(
                        policy,
                        model.layout(),
                        Generation.of(STEPS),
                        model.manifest().tensorSizes(CallSizes.of(model.manifest(), inputs)),
                        storage);
                float[] whole = run(model, policy, Storage.FULL, inputs, predicted, false);
                float[] less = run(model, policy, storage, inputs, predicted, true);
                double largest = 0;
                double apart = 0;
                for (int i = 0; i < whole.length; i++) {
                    largest = Math.max(largest, Math.abs(whole[i]));
                    apart = Math.max(apart, Math.abs(whole[i] - less[i]));
                }
                assertThat(apart / largest).as("%s %s", text, storage).isLessThan(0.03);
            }
        }
    }

    /** The prediction of the last reused step. */
    private static float[] run(
            TorchScriptTransformer model,
            CachePolicy policy,
            Storage storage,
            NDList inputs,
            Footprint predicted,
            boolean checked) {
        float[] last = {};
        try (CacheSession<NDArray> session =
                model.session().policy(policy).steps(STEPS).keepAs(storage).begin()) {
            for (int step = 1; step < STEPS; step++) {
                inputs.get(0).addi(0.01);
                try (NDArray prediction = session.step(inputs)) {
                    last = prediction.toFloatArray();
                }
            }
            if (checked) {
                assertThat(session.stats().bytesHeld()).isLessThanOrEqualTo(predicted.bytesHeld());
                assertThat(session.stats().bytesPeak()).isLessThanOrEqualTo(predicted.bytesPeak());
            }
        }
        inputs.get(0).subi(0.01 * (STEPS - 1));
        return last;
    }

    @Test
    void overSeveralDevicesItIsRefusedBeforeTheFirstStep() {
        List<Device> two = List.of(Device.cpu(), Device.cpu());
        try (TorchScriptTransformer model =
                TorchScriptTransformer.load(TestModels.file(TestModels.OPEN_SORA), two, Checks.NONE)) {
            CacheSession.Builder<NDArray> session =
                    model.session().policy("every-2").steps(STEPS).keepAs(Storage.BYTE);
            assertThatThrownBy(session::begin)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("only as [FULL]")
                    .hasMessageContaining("several devices");
        }
    }
}
