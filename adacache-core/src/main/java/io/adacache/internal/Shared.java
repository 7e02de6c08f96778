package io.adacache.internal;

import org.jspecify.annotations.Nullable;

/**
 * A live tensor and the number of its users, and its neighbours in the ledger. Only {@link Ledger} changes it.
 *
 * @param <T> the engine's tensor type
 */
final class Shared<T> {
    final T tensor;
    final long bytes;
    int users = 1;

    @Nullable
    Shared<T> newer;

    @Nullable
    Shared<T> older;

    Shared(T tensor, long bytes) {
        this.tensor = tensor;
        this.bytes = bytes;
    }
}
