package io.adacache.nd4j;

import io.adacache.layout.TokenGrid;
import io.adacache.metric.Metric;
import io.adacache.metric.Sums;
import io.adacache.spi.TensorOps;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.INDArrayIndex;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * Tensor operations on ND4J arrays of any floating-point type. Stateless and thread-safe.
 *
 * <p>Results live outside of workspaces, whatever workspace the caller has open, and are freed by {@link #release} at once, not
 * when the garbage collector finds them. Sums are taken in double precision, on temporary copies of what is compared.
 */
@SuppressWarnings("try") // leaving the workspaces is a scope, not a thing to use
public final class Nd4jTensorOps implements TensorOps<INDArray> {
    @Override
    public INDArray subtract(INDArray a, INDArray b) {
        try (MemoryWorkspace detached = detached()) {
            return a.sub(b);
        }
    }

    @Override
    public INDArray addWeighted(INDArray base, double[] weights, List<INDArray> kept) {
        try (MemoryWorkspace detached = detached()) {
            return accumulate(base.dup(), 0, weights, kept);
        }
    }

    @Override
    public INDArray sum(List<INDArray> parts) {
        double[] ones = Collections.nCopies(parts.size(), 1.0).stream()
                .mapToDouble(Double::doubleValue)
                .toArray();
        return mix(ones, parts);
    }

    @Override
    public INDArray mix(double[] weights, List<INDArray> kept) {
        try (MemoryWorkspace detached = detached()) {
            INDArray first = kept.get(0);
            return accumulate(weights[0] == 1 ? first.dup() : first.mul(weights[0]), 1, weights, kept);
        }
    }

    /** Adds the weighted tensors from the given one on, in place. */
    private static INDArray accumulate(INDArray total, int from, double[] weights, List<INDArray> kept) {
        for (int i = from; i < weights.length; i++) {
            if (weights[i] == 1) {
                total.addi(kept.get(i));
            } else {
                try (INDArray weighted = kept.get(i).mul(weights[i])) {
                    total.addi(weighted);
                }
            }
        }
        return total;
    }

    @Override
    public INDArray addLeading(INDArray a, int sign, INDArray b) {
        try (MemoryWorkspace detached = detached()) {
            INDArray result = a.dup();
            INDArray leading = result.get(slice(a.rank(), 0, b.size(1)));
            if (sign > 0) {
                leading.addi(b);
            } else {
                leading.subi(b);
            }
            return result;
        }
    }

    @Override
    public INDArray copy(INDArray t) {
        try (MemoryWorkspace detached = detached()) {
            return t.dup();
        }
    }

    @Override
    public Sums distance(Metric metric, INDArray now, INDArray then) {
        try (MemoryWorkspace detached = detached();
                Temporaries temporaries = new Temporaries()) {
            return temporaries.sums(metric, now, then);
        }
    }

    @Override
    public Sums motion(Metric metric, INDArray x, TokenGrid grid, int stride) {
        if (stride >= grid.frames()) {
            return Sums.of(new double[grid.rows()][Sums.PER_ROW]);
        }
        long shift = (long) stride * grid.tokensPerFrame();
        INDArray later = x.get(slice(3, grid.prefix() + shift, grid.tokens()));
        INDArray earlier = x.get(slice(3, grid.prefix(), grid.tokens() - shift));
        return distance(metric, later, earlier);
    }

    @Override
    public long bytes(INDArray t) {
        return t.length() * t.dataType().width();
    }

    @Override
    public void release(INDArray t) {
        t.close();
    }

    private static MemoryWorkspace detached() {
        return Nd4j.getMemoryManager().scopeOutOfWorkspaces();
    }

    /** Everything of the first axis, a range of the second, everything of the rest. */
    private static INDArrayIndex[] slice(int rank, long from, long to) {
        INDArrayIndex[] indices = new INDArrayIndex[rank];
        for (int axis = 0; axis < rank; axis++) {
            indices[axis] = axis == 1 ? NDArrayIndex.interval(from, to) : NDArrayIndex.all();
        }
        return indices;
    }

    /** Arrays that are freed when the sums are known. */
    private static final class Temporaries implements AutoCloseable {
        private final List<INDArray> arrays = new ArrayList<>();

        private INDArray own(INDArray array) {
            arrays.add(array);
            return array;
        }

        /** Returns a copy in double precision, {@code [rows, elements of a row]}. */
        private INDArray rows(INDArray t) {
            INDArray copy = own(Nd4j.createUninitialized(DataType.DOUBLE, t.shape(), 'c'));
            copy.assign(t);
            return copy.reshape('c', t.size(0), t.length() / t.size(0));
        }

        Sums sums(Metric metric, INDArray now, INDArray then) {
            INDArray a = rows(now);
            INDArray b = rows(then);
            INDArray compared = own(metric == Metric.COSINE ? a.mul(b) : a.sub(b));
            INDArray perRow = own(Nd4j.concat(
                    0,
                    metric == Metric.COSINE ? own(compared.sum(1)) : norm(metric, compared),
                    norm(metric, b),
                    norm(metric, a)));
            return read(perRow, (int) now.size(0));
        }

        /** Returns the sum of absolute values or of squares, per row; may change its argument. */
        private INDArray norm(Metric metric, INDArray rows) {
            return own(metric == Metric.L1 ? rows.norm1(1) : rows.muli(rows).sum(1));
        }

        private static Sums read(INDArray perRow, int rows) {
            double[] values = perRow.toDoubleVector();
            double[][] sums = new double[rows][Sums.PER_ROW];
            for (int i = 0; i < values.length; i++) {
                sums[i % rows][i / rows] = values[i];
            }
            return Sums.of(sums);
        }

        @Override
        public void close() {
            arrays.forEach(INDArray::close);
        }
    }
}
