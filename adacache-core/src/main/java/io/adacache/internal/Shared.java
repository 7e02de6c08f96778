package io.adacache.internal;

/**
 * A live tensor and the number of its users. Only {@link Ledger} changes it.
 *
 * @param <T> the engine's tensor type
 */
final class Shared<T> {
    final T tensor;
    final long bytes;
    int users = 1;

    Shared(T tensor, long bytes) {
        this.tensor = tensor;
        this.bytes = bytes;
    }
}
