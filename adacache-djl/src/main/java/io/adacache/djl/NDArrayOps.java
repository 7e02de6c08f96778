package io.adacache.djl;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.pytorch.jni.IValue;
import io.adacache.djl.engine.Arguments;
import io.adacache.djl.engine.Gate;
import io.adacache.djl.engine.Script;
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
import java.util.function.Consumer;

/**
 * Tensor operations on DJL's PyTorch arrays of any dtype, bf16 included.
 *
 * <p>Everything runs in a small TorchScript module ({@code ops.pt}, written by {@code adacache_export ops}): one native call per
 * operation, sums accumulated in fp64, and no call of DJL that aborts the JVM on bf16. Thread-safe. Owns the native module until
 * closed; arrays that it returns are attached to it until {@linkplain #release released} or attached elsewhere.
 */
final class NDArrayOps implements TensorOps<NDArray>, AutoCloseable {
    private static final int HALF_BYTES = 2;

    private final Script script;
    private final boolean ofModel;

    private NDArrayOps(Script script, boolean ofModel) {
        this.script = script;
        this.ofModel = ofModel;
    }

    /** Loads the operations onto a device. */
    static NDArrayOps load(Device device) {
        Gate gate = Gate.open("ops.pt");
        try {
            return new NDArrayOps(script(gate, device), false);
        } catch (RuntimeException | Error e) {
            gate.close(() -> {});
            throw e;
        }
    }

    /** Loads the operations of a model, behind its gate. */
    static NDArrayOps load(Gate gate, Device device) {
        return new NDArrayOps(script(gate, device), true);
    }

    private static Script script(Gate gate, Device device) {
        try (InputStream resource = NDArrayOps.class.getResourceAsStream("ops.pt")) {
            Path file = Files.createTempFile("adacache-ops", ".pt");
            try {
                Files.copy(resource, file, StandardCopyOption.REPLACE_EXISTING);
                return Script.load(gate, file, device);
            } finally {
                Files.delete(file);
            }
        } catch (IOException | UncheckedIOException e) {
            throw new IllegalStateException(
                    "The scripted tensor operations could not be unpacked to the temporary folder "
                            + System.getProperty("java.io.tmpdir") + " (" + e.getMessage()
                            + "); -Djava.io.tmpdir must name a writable one",
                    e);
        }
    }

    @Override
    public NDArray subtract(NDArray a, NDArray b) {
        return script.tensor("subtract", call -> call.add(a).add(b));
    }

    @Override
    public NDArray addWeighted(NDArray base, double[] weights, List<NDArray> kept) {
        return script.tensor(
                "add_weighted", call -> call.add(base).list(weights).list(kept));
    }

    @Override
    public NDArray mix(double[] weights, List<NDArray> kept) {
        return script.tensor("mix", call -> call.list(weights).list(kept));
    }

    @Override
    public NDArray addLeading(NDArray a, int sign, NDArray b) {
        return script.tensor("add_leading", call -> call.add(a).add(sign).add(b));
    }

    @Override
    public NDArray sum(List<NDArray> parts) {
        return script.tensor("sum", call -> call.list(parts));
    }

    @Override
    public NDArray copy(NDArray t) {
        return script.tensor("copy", call -> call.add(t));
    }

    /** By which {@code ops.pt} knows a metric; written down in {@code ops.py}. */
    private static int number(Metric metric) {
        return switch (metric) {
            case L1 -> 0;
            case L2 -> 1;
            case COSINE -> 2;
        };
    }

    @Override
    public Sums distance(Metric metric, NDArray now, NDArray then) {
        return sums("distance_sums", call -> call.add(number(metric)).add(now).add(then));
    }

    @Override
    public Sums motion(Metric metric, NDArray x, TokenGrid grid, int stride) {
        return sums("motion_sums", call -> call.add(number(metric))
                .add(x)
                .add(grid.prefix())
                .add(grid.tokensPerFrame())
                .add(stride));
    }

    /** Reads the sums, and frees them, while the call is inside the gate. */
    private Sums sums(String method, Consumer<Arguments> fill) {
        return script.call(method, fill, result -> {
            try (NDArray flat = script.tensor(method, result, any -> {})) {
                return rows(flat.toDoubleArray());
            }
        });
    }

    private static Sums rows(double[] flat) {
        double[][] rows = new double[flat.length / Sums.PER_ROW][Sums.PER_ROW];
        for (int i = 0; i < flat.length; i++) {
            rows[i / Sums.PER_ROW][i % Sums.PER_ROW] = flat[i];
        }
        return Sums.of(rows);
    }

    /** Returns how often each tensor was written to in place; -1 for what a model returned, where torch does not count that. */
    long[] writes(List<NDArray> tensors) {
        return script.call("writes", call -> call.list(tensors), IValue::toLongArray);
    }

    /** Returns the same, inside a call behind the same gate. */
    long[] writesInside(List<NDArray> tensors) {
        return script.inside("writes", call -> call.list(tensors), IValue::toLongArray);
    }

    /** Returns a tensor in fp32, also of a bf16 tensor, which DJL itself cannot read. */
    public NDArray toFloat32(NDArray t) {
        return script.tensor("to_float32", call -> call.add(t));
    }

    @Override
    public long bytes(NDArray t) {
        // DJL does not know bf16 and calls it UNKNOWN.
        int perElement = t.getDataType() == DataType.UNKNOWN
                ? HALF_BYTES
                : t.getDataType().getNumOfBytes();
        return t.getShape().size() * perElement;
    }

    /** Frees an array. Harmless when it is freed already, or the model is closed. */
    @Override
    public void release(NDArray t) {
        script.free(t);
    }

    /** Returns the number of arrays that this object returned and that are still attached to it. */
    int live() {
        return script.live();
    }

    /** Frees the module; behind the closed gate of the model that it belongs to. */
    void free() {
        script.free();
    }

    /**
     * Unloads the operations.
     *
     * @throws IllegalStateException if they belong to a model, which unloads them when it is closed
     */
    @Override
    public void close() {
        if (ofModel) {
            throw new IllegalStateException(
                    "These operations belong to the model " + script.gate().name() + "; close the model");
        }
        script.gate().close(this::free);
    }
}
