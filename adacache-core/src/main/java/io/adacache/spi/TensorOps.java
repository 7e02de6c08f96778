package io.adacache.spi;

import io.adacache.layout.TokenGrid;
import io.adacache.metric.Metric;
import io.adacache.metric.Sums;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * The few tensor operations that caching needs, for one engine's tensor type.
 *
 * <p>Arguments are borrowed and never changed. A tensor that is returned belongs to the caller, who gives it back with
 * {@link #release} exactly once. Implementations are stateless or thread-safe. The conformance kit is
 * {@code TensorOpsKit} in the test jar. Why sums are taken in single precision or better: docs/decisions/0005.
 *
 * @param <T> the engine's tensor type
 */
public interface TensorOps<T> {
    /** How a kept sum is stored: docs/decisions/0033. */
    enum Storage {
        /** As it is. */
        FULL,
        /** In 16 bits an element, with a scale for each token: half of what fp32 takes, and exact to 2e-5 of a token's largest element. */
        HALF,
        /** In 8 bits an element, with a scale for each token: exact to 4e-3 of a token's largest element. */
        BYTE
    }

    /** Returns the ways in which this engine stores what is kept. */
    default Set<Storage> storages() {
        return Set.of(Storage.FULL);
    }

    /**
     * Returns a tensor in a form that takes less memory. Only {@link #addWeighted} takes it, among the kept tensors, and {@link #bytes} and
     * {@link #release}. What is not a number stays so.
     *
     * @param storage one of {@link #storages}, and not {@code FULL}
     */
    default T pack(T t, Storage storage) {
        throw new UnsupportedOperationException("This engine keeps tensors as they are, not as " + storage);
    }

    /** Returns {@code a - b}, in the dtype of {@code a}. Shapes are equal. */
    T subtract(T a, T b);

    /**
     * Returns {@code base + sum of weights[i] * kept[i]}, in the dtype of {@code base}. With the weights {@code [1]} it is
     * exactly {@code base + kept[0]}.
     *
     * @param weights as many as kept tensors, at least one
     */
    T addWeighted(T base, double[] weights, List<T> kept);

    /** Returns the sum of tensors of one shape, at least one. */
    T sum(List<T> parts);

    /** Returns {@code sum of weights[i] * kept[i]}; exactly a copy of {@code kept[0]} with the weights {@code [1]}. */
    T mix(double[] weights, List<T> kept);

    /**
     * Returns {@code a + sign * b} where {@code b} has as many or fewer channels (dimension 1) than {@code a}: the other
     * channels of {@code a} are returned as they are.
     *
     * @param a shape {@code [rows, channels, ...]}
     * @param sign 1 or -1
     * @param b shape {@code [rows, fewer channels, ...]}, the rest equal
     */
    T addLeading(T a, int sign, T b);

    /** Returns a tensor of its own with the same content. */
    T copy(T t);

    /**
     * Returns the partial sums of comparing two tensors, accumulated per row in fp32 or better whatever their dtype: at
     * most one read from the device.
     *
     * @param metric which sums
     * @param now shape {@code [rows, ...]}
     * @param then same shape
     */
    Sums distance(Metric metric, T now, T then);

    /**
     * Returns the partial sums of comparing the frames of a tensor with its frames {@code stride} earlier; frames
     * {@code stride..} are {@code now}, frames {@code ..-stride} are {@code then}. With fewer frames than that, all sums
     * are zero.
     *
     * @param x shape {@code [rows, prefix + frames * tokensPerFrame, channels]}
     */
    Sums motion(Metric metric, T x, TokenGrid grid, int stride);

    /**
     * A comparison that is made of a tensor.
     *
     * @param <T> the engine's tensor type
     */
    sealed interface Comparison<T> {
        /** As {@link TensorOps#distance} from another tensor. */
        record From<T>(Metric metric, T then) implements Comparison<T> {}

        /** As {@link TensorOps#motion} inside the tensor. */
        record Inside<T>(Metric metric, TokenGrid grid, int stride) implements Comparison<T> {}
    }

    /**
     * Returns the sums of several comparisons of one tensor, bit for bit what {@link #distance} and {@link #motion} give one by one. An
     * engine whose tensors lie on a device overrides it, so that all of them are read from there at once.
     */
    default List<Sums> compare(T now, List<Comparison<T>> comparisons) {
        List<Sums> sums = new ArrayList<>();
        for (Comparison<T> one : comparisons) {
            if (one instanceof Comparison.From<T> from) {
                sums.add(distance(from.metric(), now, from.then()));
            } else if (one instanceof Comparison.Inside<T> inside) {
                sums.add(motion(inside.metric(), now, inside.grid(), inside.stride()));
            }
        }
        return sums;
    }

    /** Returns the number of bytes of the tensor's content. */
    long bytes(T t);

    /** Frees a tensor that a method of this interface or of {@link Transformer} returned. */
    void release(T t);
}
