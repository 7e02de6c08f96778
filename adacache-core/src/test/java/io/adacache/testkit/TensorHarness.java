package io.adacache.testkit;

/**
 * What a kit must know of an engine's tensors. A tensor made here belongs to the test, which frees it with {@link #free}.
 *
 * @param <T> the engine's tensor type
 */
public interface TensorHarness<T> extends AutoCloseable {
    /** Returns a tensor in the dtype under test; values are rounded to it. */
    T tensor(float[] values, long... shape);

    /** Returns the content of a tensor, row-major. */
    float[] values(T tensor);

    /** Returns the shape of a tensor. */
    long[] shape(T tensor);

    /** Frees a tensor that was made here, or that a session handed over to the service. */
    void free(T tensor);

    /** Returns the number of live tensors of this engine, exactly. */
    long live();

    /** Ends the test. */
    @Override
    default void close() {}
}
