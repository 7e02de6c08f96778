package io.adacache.djl;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.adacache.testkit.TensorHarness;

/** The kits' view of DJL arrays on the CPU. */
class NDArrayHarness implements TensorHarness<NDArray> {
    private final DataType dtype;
    final NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch");
    private final NDArrayOps ops;

    NDArrayHarness(DataType dtype, NDArrayOps ops) {
        this.dtype = dtype;
        this.ops = ops;
    }

    @Override
    public NDArray tensor(float[] values, long... shape) {
        NDArray wide = manager.create(values, new Shape(shape));
        if (dtype == DataType.FLOAT32) {
            return wide;
        }
        try (wide) {
            return wide.toType(dtype, false);
        }
    }

    @Override
    public float[] values(NDArray tensor) {
        // Reading an array that is not contiguous makes a copy beside it.
        try (NDManager reading = manager.newSubManager();
                NDArray wide = ops.toFloat32(tensor)) {
            wide.attach(reading);
            return wide.toFloatArray();
        }
    }

    @Override
    public long[] shape(NDArray tensor) {
        // Of what several devices share, the array that a session sees is one piece.
        try (NDArray whole = ops.toFloat32(tensor)) {
            return whole.getShape().getShape();
        }
    }

    @Override
    public void free(NDArray tensor) {
        tensor.close();
    }

    @Override
    public long live() {
        return ops.live() + manager.getManagedArrays().size();
    }

    @Override
    public void close() {
        manager.close();
    }
}
