package io.adacache.nd4j;

import static org.assertj.core.api.Assertions.assertThat;

import io.adacache.spi.TensorOps;
import io.adacache.testkit.CountingOps;
import io.adacache.testkit.TensorHarness;
import io.adacache.testkit.TensorOpsKit;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.memory.conf.WorkspaceConfiguration;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Runs where the natives of the test class path fit. */
@EnabledOnOs(value = OS.LINUX, architectures = "amd64")
@SuppressWarnings({"try", "deprecation"}) // a workspace is open, not used; HALF is the old name that still works
class Nd4jTensorOpsTest {
    private abstract static class Kit extends TensorOpsKit<INDArray> {
        private final DataType type;

        Kit(DataType type) {
            this.type = type;
        }

        @Override
        protected TensorHarness<INDArray> harness() {
            return new Nd4jHarness(type);
        }

        @Override
        protected TensorOps<INDArray> ops(TensorHarness<INDArray> harness) {
            return ((Nd4jHarness) harness).ops;
        }

        @Override
        protected int bytesPerElement() {
            return type.width();
        }

        @Override
        protected float round(double value) {
            try (INDArray rounded = Nd4j.createFromArray((float) value).castTo(type)) {
                return rounded.getFloat(0);
            }
        }
    }

    @Nested
    class SinglePrecision extends Kit {
        SinglePrecision() {
            super(DataType.FLOAT);
        }
    }

    @Nested
    class HalfPrecision extends Kit {
        HalfPrecision() {
            super(DataType.HALF);
        }

        @Override
        protected double tolerance() {
            return 2e-3;
        }
    }

    @Nested
    class BrainFloat extends Kit {
        BrainFloat() {
            super(DataType.BFLOAT16);
        }

        @Override
        protected double tolerance() {
            return 2e-2;
        }
    }

    @Test
    void resultsOutliveTheCallersWorkspace() {
        Nd4jTensorOps ops = new Nd4jTensorOps();
        INDArray a = Nd4j.create(new float[] {1, 2}, new long[] {1, 2}, DataType.FLOAT);
        INDArray kept;
        WorkspaceConfiguration configuration =
                WorkspaceConfiguration.builder().initialSize(1 << 16).build();
        try (MemoryWorkspace workspace =
                Nd4j.getWorkspaceManager().getAndActivateWorkspace(configuration, "adacache-test")) {
            kept = ops.addWeighted(a, new double[] {1}, List.of(a));
            assertThat(kept.isAttached()).isFalse();
        }
        assertThat(kept.toFloatVector()).containsExactly(2, 4);
        ops.release(kept);
        a.close();
    }

    private static final class Nd4jHarness implements TensorHarness<INDArray> {
        final CountingOps<INDArray> ops = new CountingOps<>(new Nd4jTensorOps());
        private final DataType type;

        Nd4jHarness(DataType type) {
            this.type = type;
        }

        @Override
        public INDArray tensor(float[] values, long... shape) {
            return ops.count(Nd4j.create(values, shape, DataType.FLOAT).castTo(type));
        }

        @Override
        public float[] values(INDArray tensor) {
            return tensor.dup('c').data().asFloat();
        }

        @Override
        public long[] shape(INDArray tensor) {
            return tensor.shape();
        }

        @Override
        public void free(INDArray tensor) {
            ops.release(tensor);
        }

        @Override
        public long live() {
            return ops.live();
        }
    }
}
