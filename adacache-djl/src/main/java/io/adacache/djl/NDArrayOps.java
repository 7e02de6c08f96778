package io.adacache.djl;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.pytorch.jni.IValue;
import io.adacache.djl.engine.Arguments;
import io.adacache.djl.engine.Gate;
import io.adacache.djl.engine.Script;
import io.adacache.djl.engine.Unpacked;
import io.adacache.djl.shards.ShardedOps;
import io.adacache.layout.TokenGrid;
import io.adacache.metric.Metric;
import io.adacache.metric.Sums;
import io.adacache.spi.TensorOps;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

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
    private final @Nullable ShardedOps divided;

    private NDArrayOps(Script script, boolean ofModel, @Nullable ShardedOps divided) {
        this.script = script;
        this.ofModel = ofModel;
        this.divided = divided;
    }

    /** Loads the operations onto a device. */
    static NDArrayOps load(Device device) {
        Gate gate = Gate.open("ops.pt");
        try {
            return new NDArrayOps(script(gate, device), false, null);
        } catch (RuntimeException | Error e) {
            gate.close(() -> {});
            throw e;
        }
    }

    /** Loads the operations of a model, behind its gate. */
    static NDArrayOps load(Gate gate, Device device) {
        return new NDArrayOps(script(gate, device), true, null);
    }

    private static Script script(Gate gate, Device device) {
        return Unpacked.load(gate, NDArrayOps.class, "ops.pt", device);
    }

    /** The same operations, but that tensors which are divided among devices are computed with there. */
    NDArrayOps with(ShardedOps devices) {
        return new NDArrayOps(script, ofModel, devices);
    }

    /** Who computes with a tensor: the devices that share it, or null for this device alone. */
    private @Nullable ShardedOps sharing(NDArray t) {
        ShardedOps devices = divided;
        return devices != null && devices.holds(t) ? devices : null;
    }

    @Override
    public NDArray subtract(NDArray a, NDArray b) {
        ShardedOps devices = sharing(a);
        if (devices != null) {
            return devices.subtract(a, b);
        }
        return script.tensor("subtract", call -> call.add(a).add(b));
    }

    @Override
    public NDArray addWeighted(NDArray base, double[] weights, List<NDArray> kept) {
        ShardedOps devices = sharing(base);
        if (devices != null) {
            return devices.addWeighted(base, weights, kept);
        }
        return script.tensor(
                "add_weighted", call -> call.add(base).list(weights).list(kept));
    }

    @Override
    public Set<Storage> storages() {
        return divided == null ? EnumSet.allOf(Storage.class) : Set.of(Storage.FULL);
    }

    @Override
    public NDArray pack(NDArray t, Storage storage) {
        int bits = storage == Storage.BYTE ? Byte.SIZE : Short.SIZE;
        return script.tensor("pack", call -> call.add(t).add(bits));
    }

    @Override
    public NDArray mix(double[] weights, List<NDArray> kept) {
        ShardedOps devices = sharing(kept.get(0));
        if (devices != null) {
            return devices.mix(weights, kept);
        }
        return script.tensor("mix", call -> call.list(weights).list(kept));
    }

    @Override
    public NDArray addLeading(NDArray a, int sign, NDArray b) {
        ShardedOps devices = sharing(a);
        if (devices != null) {
            return devices.addLeading(a, sign, b);
        }
        return script.tensor("add_leading", call -> call.add(a).add(sign).add(b));
    }

    @Override
    public NDArray sum(List<NDArray> parts) {
        ShardedOps devices = sharing(parts.get(0));
        if (devices != null) {
            return devices.sum(parts);
        }
        return script.tensor("sum", call -> call.list(parts));
    }

    @Override
    public NDArray copy(NDArray t) {
        ShardedOps devices = sharing(t);
        if (devices != null) {
            return devices.copy(t);
        }
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
        ShardedOps devices = sharing(now);
        if (devices != null) {
            return devices.distance(metric, now, then);
        }
        return sums("distance_sums", call -> call.add(number(metric)).add(now).add(then));
    }

    @Override
    public Sums motion(Metric metric, NDArray x, TokenGrid grid, int stride) {
        ShardedOps devices = sharing(x);
        if (devices != null) {
            return devices.motion(metric, x, grid, stride);
        }
        return sums("motion_sums", call -> call.add(number(metric))
                .add(x)
                .add(grid.prefix())
                .add(grid.tokensPerFrame())
                .add(stride));
    }

    /** What is compared with the tensor itself has it in the place of the other one. */
    @Override
    public List<Sums> compare(NDArray now, List<Comparison<NDArray>> comparisons) {
        ShardedOps devices = sharing(now);
        if (devices != null) {
            return devices.compare(now, comparisons);
        }
        if (comparisons.size() < 2) {
            return TensorOps.super.compare(now, comparisons);
        }
        int count = comparisons.size();
        long[] metrics = new long[count];
        long[] strides = new long[count];
        List<NDArray> others = new ArrayList<>();
        TokenGrid grid = TokenGrid.UNKNOWN;
        for (int i = 0; i < count; i++) {
            Comparison<NDArray> one = comparisons.get(i);
            if (one instanceof Comparison.From<NDArray> from) {
                metrics[i] = number(from.metric());
                others.add(from.then());
            } else if (one instanceof Comparison.Inside<NDArray> inside) {
                metrics[i] = number(inside.metric());
                strides[i] = inside.stride();
                grid = inside.grid();
                others.add(now);
            }
        }
        TokenGrid frames = grid;
        double[] flat = numbers("all_sums", call -> call.list(metrics)
                .add(now)
                .list(others)
                .list(strides)
                .add(frames.prefix())
                .add(frames.tokensPerFrame()));
        int each = flat.length / count;
        return IntStream.range(0, count)
                .mapToObj(i -> rows(Arrays.copyOfRange(flat, i * each, (i + 1) * each)))
                .toList();
    }

    private Sums sums(String method, Consumer<Arguments> fill) {
        return rows(numbers(method, fill));
    }

    /** Reads a tensor of numbers, and frees it, while the call is inside the gate. */
    private double[] numbers(String method, Consumer<Arguments> fill) {
        return script.call(method, fill, result -> {
            try (NDArray flat = script.tensor(method, result, any -> {})) {
                return flat.toDoubleArray();
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

    /** Whether two lists hold the same numbers, in the same shapes and dtypes. Waits for the device. */
    boolean same(List<NDArray> a, List<NDArray> b) {
        return script.call("same", call -> call.list(a).list(b), IValue::toBoolean);
    }

    /** Returns the same, inside a call behind the same gate. */
    long[] writesInside(List<NDArray> tensors) {
        return script.inside("writes", call -> call.list(tensors), IValue::toLongArray);
    }

    /** Returns a tensor in fp32, also of a bf16 tensor, which DJL itself cannot read. */
    public NDArray toFloat32(NDArray t) {
        ShardedOps devices = sharing(t);
        if (devices != null) {
            NDArray whole = devices.whole(t);
            try {
                return toFloat32(whole);
            } finally {
                release(whole);
            }
        }
        return script.tensor("to_float32", call -> call.add(t));
    }

    @Override
    public long bytes(NDArray t) {
        ShardedOps devices = sharing(t);
        if (devices != null) {
            return devices.bytes(t);
        }
        // DJL does not know bf16 and calls it UNKNOWN.
        int perElement = t.getDataType() == DataType.UNKNOWN
                ? HALF_BYTES
                : t.getDataType().getNumOfBytes();
        return t.getShape().size() * perElement;
    }

    /** Frees an array. Harmless when it is freed already, or the model is closed. */
    @Override
    public void release(NDArray t) {
        ShardedOps devices = sharing(t);
        if (devices != null) {
            devices.release(t);
            return;
        }
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
