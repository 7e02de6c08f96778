package io.adacache.testkit;

import io.adacache.layout.TokenGrid;
import io.adacache.metric.Metric;
import io.adacache.metric.Sums;
import io.adacache.spi.TensorOps;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Tensor operations on float arrays: the fake engine of the core's tests. Counts live tensors, and throws on use after release and
 * on a second release. Thread-safe.
 */
public final class ArrayTensorOps implements TensorOps<FloatTensor>, TensorHarness<FloatTensor> {
    private final AtomicLong live = new AtomicLong();

    @Override
    public FloatTensor tensor(float[] values, long... shape) {
        FloatTensor tensor = new FloatTensor(values.clone(), shape.clone());
        live.incrementAndGet();
        return tensor;
    }

    @Override
    public float[] values(FloatTensor tensor) {
        return tensor.data().clone();
    }

    @Override
    public long[] shape(FloatTensor tensor) {
        return tensor.shape();
    }

    @Override
    public void free(FloatTensor tensor) {
        release(tensor);
    }

    @Override
    public long live() {
        return live.get();
    }

    @Override
    public FloatTensor subtract(FloatTensor a, FloatTensor b) {
        checkSameShape(a, b);
        float[] result = new float[a.data().length];
        for (int i = 0; i < result.length; i++) {
            result[i] = a.data()[i] - b.data()[i];
        }
        return tensor(result, a.shape());
    }

    @Override
    public FloatTensor addWeighted(FloatTensor base, double[] weights, List<FloatTensor> kept) {
        return accumulate(base.data(), base.shape(), weights, kept);
    }

    @Override
    public FloatTensor sum(List<FloatTensor> parts) {
        double[] ones = new double[parts.size()];
        Arrays.fill(ones, 1);
        return mix(ones, parts);
    }

    @Override
    public FloatTensor mix(double[] weights, List<FloatTensor> kept) {
        FloatTensor first = kept.get(0);
        return accumulate(new float[first.data().length], first.shape(), weights, kept);
    }

    private FloatTensor accumulate(float[] base, long[] shape, double[] weights, List<FloatTensor> kept) {
        if (weights.length == 0 || weights.length != kept.size()) {
            throw new IllegalArgumentException(weights.length + " weights for " + kept.size() + " tensors");
        }
        float[] result = new float[base.length];
        for (int i = 0; i < result.length; i++) {
            double value = base[i];
            for (int k = 0; k < weights.length; k++) {
                value += weights[k] * kept.get(k).data()[i];
            }
            result[i] = (float) value;
        }
        return tensor(result, shape);
    }

    @Override
    public FloatTensor addLeading(FloatTensor a, int sign, FloatTensor b) {
        int rows = a.size(0);
        int rowOfA = a.data().length / rows;
        int rowOfB = b.data().length / rows;
        float[] result = a.data().clone();
        for (int row = 0; row < rows; row++) {
            for (int i = 0; i < rowOfB; i++) {
                result[row * rowOfA + i] += sign * b.data()[row * rowOfB + i];
            }
        }
        return tensor(result, a.shape());
    }

    @Override
    public FloatTensor copy(FloatTensor t) {
        return tensor(t.data(), t.shape());
    }

    @Override
    public Sums distance(Metric metric, FloatTensor now, FloatTensor then) {
        checkSameShape(now, then);
        double[][] sums = new double[now.size(0)][Sums.PER_ROW];
        int perRow = now.data().length / now.size(0);
        for (int i = 0; i < now.data().length; i++) {
            add(metric, sums[i / perRow], now.data()[i], then.data()[i]);
        }
        return Sums.of(sums);
    }

    @Override
    public Sums motion(Metric metric, FloatTensor x, TokenGrid grid, int stride) {
        double[][] sums = new double[grid.rows()][Sums.PER_ROW];
        int frame = grid.tokensPerFrame() * grid.channels();
        for (int row = 0; row < grid.rows(); row++) {
            int start = (row * grid.tokens() + grid.prefix()) * grid.channels();
            for (int i = 0; i < (grid.frames() - stride) * frame; i++) {
                add(metric, sums[row], x.data()[start + stride * frame + i], x.data()[start + i]);
            }
        }
        return Sums.of(sums);
    }

    private static void add(Metric metric, double[] sums, double now, double then) {
        sums[0] += switch (metric) {
            case L1 -> Math.abs(now - then);
            case L2 -> (now - then) * (now - then);
            case COSINE -> now * then;
        };
        sums[1] += metric == Metric.L1 ? Math.abs(then) : then * then;
        sums[2] += metric == Metric.L1 ? Math.abs(now) : now * now;
    }

    private static void checkSameShape(FloatTensor a, FloatTensor b) {
        if (!Arrays.equals(a.shape(), b.shape())) {
            throw new IllegalArgumentException(a + " and " + b + " differ");
        }
    }

    @Override
    public long bytes(FloatTensor t) {
        return (long) Float.BYTES * t.data().length;
    }

    @Override
    public void release(FloatTensor t) {
        t.release();
        live.decrementAndGet();
    }
}
