package io.adacache.djl;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import io.adacache.spi.TensorOps;
import io.adacache.testkit.TensorHarness;
import io.adacache.testkit.TensorOpsKit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;

/** The scripted operations against the kit, in fp32 and fp16. bf16, which DJL cannot make, is in {@link HalfPrecisionTest}. */
class NDArrayOpsTest {
    private static NDArrayOps ops;

    @BeforeAll
    static void load() {
        ops = NDArrayOps.load(Device.cpu());
    }

    @AfterAll
    static void close() {
        ops.close();
    }

    @Nested
    class Float32 extends TensorOpsKit<NDArray> {
        @Override
        protected TensorHarness<NDArray> harness() {
            return new NDArrayHarness(DataType.FLOAT32, ops);
        }

        @Override
        protected TensorOps<NDArray> ops(TensorHarness<NDArray> harness) {
            return ops;
        }
    }

    @Nested
    class Float16 extends TensorOpsKit<NDArray> {
        @Override
        protected TensorHarness<NDArray> harness() {
            return new NDArrayHarness(DataType.FLOAT16, ops);
        }

        @Override
        protected TensorOps<NDArray> ops(TensorHarness<NDArray> harness) {
            return ops;
        }

        @Override
        protected float round(double value) {
            // Not DJL's Float16Utils, which cuts off where IEEE 754 rounds to the nearest.
            try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
                return manager.create((float) value)
                        .toType(DataType.FLOAT16, false)
                        .toType(DataType.FLOAT32, false)
                        .getFloat();
            }
        }

        @Override
        protected double tolerance() {
            return 1.0 / 512;
        }

        @Override
        protected int bytesPerElement() {
            return 2;
        }
    }
}
