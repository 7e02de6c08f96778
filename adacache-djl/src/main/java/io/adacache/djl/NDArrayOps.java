package io.adacache.djl;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.pytorch.jni.IValue;
import io.adacache.layout.TokenGrid;
import io.adacache.metric.Metric;
import io.adacache.metric.Sums;
import io.adacache.spi.TensorOps;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/**
 * Tensor operations on DJL's PyTorch arrays of any dtype, bf16 included.
 *
 * <p>Everything runs in a small TorchScript module ({@code ops.pt}, written by {@code adacache_export ops}): one native call per
 * operation, sums accumulated in fp64, and no call of DJL that aborts the JVM on bf16. Thread-safe. Owns the native module until
 * closed; arrays that it returns are attached to it until {@linkplain #release released} or attached elsewhere.
 */
public final class NDArrayOps implements TensorOps<NDArray>, AutoCloseable {
    private static final int HALF_BYTES = 2;

    private final Script script;

    private NDArrayOps(Script script) {
        this.script = script;
    }

    /** Loads the operations onto a device. */
    public static NDArrayOps load(Device device) {
        try (InputStream resource = NDArrayOps.class.getResourceAsStream("ops.pt")) {
            Path file = Files.createTempFile("adacache-ops", ".pt");
            try {
                Files.copy(resource, file, StandardCopyOption.REPLACE_EXISTING);
                return new NDArrayOps(Script.load(file, device));
            } finally {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "The scripted tensor operations could not be unpacked to the temporary folder", e);
        }
    }

    @Override
    public NDArray subtract(NDArray a, NDArray b) {
        return script.tensor("subtract", Script.value(a), Script.value(b));
    }

    @Override
    public NDArray addWeighted(NDArray base, double[] weights, List<NDArray> kept) {
        return script.tensor("add_weighted", Script.value(base), IValue.listFrom(weights), Script.values(kept));
    }

    @Override
    public NDArray mix(double[] weights, List<NDArray> kept) {
        return script.tensor("mix", IValue.listFrom(weights), Script.values(kept));
    }

    @Override
    public NDArray addLeading(NDArray a, int sign, NDArray b) {
        return script.tensor("add_leading", Script.value(a), IValue.from((long) sign), Script.value(b));
    }

    @Override
    public NDArray sum(List<NDArray> parts) {
        return script.tensor("sum", Script.values(parts));
    }

    @Override
    public NDArray copy(NDArray t) {
        return script.tensor("copy", Script.value(t));
    }

    @Override
    public Sums distance(Metric metric, NDArray now, NDArray then) {
        return sums(script.tensor(
                "distance_sums", IValue.from((long) metric.ordinal()), Script.value(now), Script.value(then)));
    }

    @Override
    public Sums motion(Metric metric, NDArray x, TokenGrid grid, int stride) {
        return sums(script.tensor(
                "motion_sums",
                IValue.from((long) metric.ordinal()),
                Script.value(x),
                IValue.from((long) grid.prefix()),
                IValue.from((long) grid.tokensPerFrame()),
                IValue.from((long) stride)));
    }

    private static Sums sums(NDArray result) {
        try (result) {
            double[] flat = result.toDoubleArray();
            double[][] rows = new double[flat.length / Sums.PER_ROW][Sums.PER_ROW];
            for (int i = 0; i < flat.length; i++) {
                rows[i / Sums.PER_ROW][i % Sums.PER_ROW] = flat[i];
            }
            return Sums.of(rows);
        }
    }

    /** Returns a tensor in fp32, also of a bf16 tensor, which DJL itself cannot read. */
    public NDArray toFloat32(NDArray t) {
        return script.tensor("to_float32", Script.value(t));
    }

    @Override
    public long bytes(NDArray t) {
        // DJL does not know bf16 and calls it UNKNOWN.
        int perElement = t.getDataType() == DataType.UNKNOWN
                ? HALF_BYTES
                : t.getDataType().getNumOfBytes();
        return t.getShape().size() * perElement;
    }

    @Override
    public void release(NDArray t) {
        t.close();
    }

    /** Returns the number of arrays that this object returned and that are still attached to it. */
    int live() {
        return script.manager().getManagedArrays().size();
    }

    @Override
    public void close() {
        script.close();
    }
}
