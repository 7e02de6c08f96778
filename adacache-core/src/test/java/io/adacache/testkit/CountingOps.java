package io.adacache.testkit;

import io.adacache.layout.TokenGrid;
import io.adacache.metric.Metric;
import io.adacache.metric.Sums;
import io.adacache.spi.TensorOps;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Other operations, counting the tensors that they returned and that were not released yet: for engines that do not count.
 *
 * @param <T> the engine's tensor type
 */
public final class CountingOps<T> implements TensorOps<T> {
    private final TensorOps<T> ops;
    private final AtomicLong live = new AtomicLong();

    /** Counts what the given operations return. */
    public CountingOps(TensorOps<T> ops) {
        this.ops = ops;
    }

    /** Returns the number of live tensors. */
    public long live() {
        return live.get();
    }

    /** Counts a tensor that was made elsewhere and will be released here. */
    public T count(T tensor) {
        live.incrementAndGet();
        return tensor;
    }

    @Override
    public T subtract(T a, T b) {
        return count(ops.subtract(a, b));
    }

    @Override
    public T addWeighted(T base, double[] weights, List<T> kept) {
        return count(ops.addWeighted(base, weights, kept));
    }

    @Override
    public T sum(List<T> parts) {
        return count(ops.sum(parts));
    }

    @Override
    public T mix(double[] weights, List<T> kept) {
        return count(ops.mix(weights, kept));
    }

    @Override
    public T addLeading(T a, int sign, T b) {
        return count(ops.addLeading(a, sign, b));
    }

    @Override
    public T copy(T t) {
        return count(ops.copy(t));
    }

    @Override
    public Sums distance(Metric metric, T now, T then) {
        return ops.distance(metric, now, then);
    }

    @Override
    public Sums motion(Metric metric, T x, TokenGrid grid, int stride) {
        return ops.motion(metric, x, grid, stride);
    }

    @Override
    public long bytes(T t) {
        return ops.bytes(t);
    }

    @Override
    public void release(T t) {
        live.decrementAndGet();
        ops.release(t);
    }
}
