package io.adacache.testkit;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.adacache.spi.TensorOps;
import org.junit.jupiter.api.Test;

class ArrayTensorOpsTest extends TensorOpsKit<FloatTensor> {
    @Override
    protected TensorHarness<FloatTensor> harness() {
        return new ArrayTensorOps();
    }

    @Override
    protected TensorOps<FloatTensor> ops(TensorHarness<FloatTensor> harness) {
        return (ArrayTensorOps) harness;
    }

    @Test
    void noticesASecondRelease() {
        ArrayTensorOps ops = new ArrayTensorOps();
        FloatTensor tensor = ops.tensor(new float[2], 2);
        ops.release(tensor);
        assertThatThrownBy(() -> ops.release(tensor)).hasMessageContaining("Second release");
    }

    @Test
    void noticesUseAfterRelease() {
        ArrayTensorOps ops = new ArrayTensorOps();
        FloatTensor tensor = ops.tensor(new float[2], 2);
        ops.release(tensor);
        assertThatThrownBy(() -> ops.copy(tensor)).hasMessageContaining("Use after release");
    }
}
