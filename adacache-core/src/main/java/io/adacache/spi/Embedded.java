package io.adacache.spi;

/**
 * The result of embedding a call's inputs: the hidden state before site 0, and a context that only the engine reads.
 *
 * @param <T> the engine's tensor type
 */
public interface Embedded<T> extends AutoCloseable {
    /** Returns the hidden state. It belongs to the caller of {@code embed}, who releases it apart from the context. */
    T hidden();

    /** Frees the context. */
    @Override
    void close();
}
