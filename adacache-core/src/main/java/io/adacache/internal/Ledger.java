package io.adacache.internal;

import io.adacache.spi.TensorOps;
import io.adacache.spi.TensorOps.Storage;
import io.adacache.spi.Transformer.Embedder;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Every tensor that a session owns, counted in bytes; what is still here when the session fails or ends is freed here. A ring of
 * {@link Shared}, so that freeing needs no memory.
 *
 * @param <T> the engine's tensor type
 */
final class Ledger<T> {
    private static final int ATTEMPTS = 3;

    private final TensorOps<T> ops;
    private final Storage storage;
    private final List<Embedder<T>> embedders = new ArrayList<>();
    /** Made beforehand: when memory has run out, nothing can be made to free it with. */
    private final Consumer<Shared<T>> releasing;

    private final Consumer<Embedder<T>> closing = Embedder::close;
    private @Nullable Shared<T> newest;
    private long held;
    private long peak;

    /**
     * Creates an empty one.
     *
     * @throws IllegalArgumentException if the engine does not store tensors so
     */
    Ledger(TensorOps<T> ops, Storage storage) {
        this.ops = ops;
        this.storage = storage;
        this.releasing = shared -> ops.release(shared.tensor);
        if (!ops.storages().contains(storage)) {
            throw new IllegalArgumentException("What is kept cannot be stored as " + storage + " here, only as "
                    + new TreeSet<>(ops.storages()) + "; over several devices it is kept as it is");
        }
    }

    /** Takes ownership of a tensor, for one user. */
    Shared<T> adopt(T tensor) {
        Shared<T> shared;
        try {
            shared = new Shared<>(tensor, ops.bytes(tensor));
        } catch (Throwable e) {
            ops.release(tensor);
            throw e;
        }
        shared.older = newest;
        if (newest != null) {
            newest.newer = shared;
        }
        newest = shared;
        held += shared.bytes;
        peak = Math.max(peak, held);
        return shared;
    }

    List<Shared<T>> adoptAll(List<T> tensors) {
        List<Shared<T>> all = new ArrayList<>(tensors.size());
        int adopted = 0;
        try {
            for (T tensor : tensors) {
                adopted++;
                all.add(adopt(tensor));
            }
            return all;
        } finally {
            if (all.size() < tensors.size()) {
                tensors.subList(adopted, tensors.size()).forEach(ops::release);
            }
        }
    }

    /** Takes ownership of what embeds a branch's calls. What it keeps is the engine's to count. */
    Embedder<T> adopt(Embedder<T> embedder) {
        embedders.add(embedder);
        return embedder;
    }

    /** Closes it. What cannot be closed stays here, to be closed with the rest. */
    void close(@Nullable Embedder<T> embedder) {
        if (embedder != null) {
            embedder.close();
            embedders.remove(embedder);
        }
    }

    /** Returns a kept sum as it is to be stored, for the same one user. */
    Shared<T> stored(Shared<T> sum) {
        if (storage == Storage.FULL) {
            return sum;
        }
        Shared<T> packed = adopt(ops.pack(sum.tensor, storage));
        release(sum);
        return packed;
    }

    /** Adds a user. */
    Shared<T> retain(Shared<T> shared) {
        shared.users++;
        return shared;
    }

    /** Takes a user away and frees the tensor with the last one. What cannot be freed stays here, to be freed with the rest. */
    void release(@Nullable Shared<T> shared) {
        if (shared != null && --shared.users == 0) {
            ops.release(shared.tensor);
            forget(shared);
        }
    }

    /** Gives a tensor away: it is no longer the session's to free. */
    T giveAway(Shared<T> shared) {
        if (shared.users != 1) {
            throw new IllegalStateException("A tensor with " + shared.users + " users cannot be given away");
        }
        forget(shared);
        return shared.tensor;
    }

    private void forget(Shared<T> shared) {
        Shared<T> newer = shared.newer;
        Shared<T> older = shared.older;
        if (newer != null) {
            newer.older = older;
        } else {
            newest = older;
        }
        if (older != null) {
            older.newer = newer;
        }
        shared.older = null;
        shared.newer = null;
        held -= shared.bytes;
    }

    /**
     * Frees everything; one tensor that cannot be freed does not keep the others. What is left because memory ran out is tried again,
     * since what was freed may have made room; it stays here if that does not help.
     */
    void releaseAll() {
        Throwable problem = releaseOnce();
        for (int again = 1; !isEmpty() && again < ATTEMPTS; again++) {
            problem = releaseOnce();
        }
        if (problem instanceof RuntimeException e) {
            throw e;
        }
        if (problem instanceof Error e) {
            throw e;
        }
    }

    private @Nullable Throwable releaseOnce() {
        Throwable first = null;
        Shared<T> next = newest;
        while (next != null) {
            Shared<T> shared = next;
            next = shared.older;
            Throwable problem = ended(releasing, shared);
            first = first == null ? problem : first;
            if (!(problem instanceof Error)) {
                forget(shared);
            }
        }
        for (int i = embedders.size() - 1; i >= 0; i--) {
            Throwable problem = ended(closing, embedders.get(i));
            first = first == null ? problem : first;
            if (!(problem instanceof Error)) {
                embedders.remove(i);
            }
        }
        return first;
    }

    /** Ends what is owned, and returns what went wrong. After an error it is worth another try, after an exception it is not. */
    private static <E> @Nullable Throwable ended(Consumer<E> end, E owned) {
        try {
            end.accept(owned);
            return null;
        } catch (RuntimeException | Error e) {
            return e;
        }
    }

    boolean isEmpty() {
        return newest == null && embedders.isEmpty();
    }

    long held() {
        return held;
    }

    /** Returns the most bytes held since the last call of this method. */
    long takePeak() {
        long value = peak;
        peak = held;
        return value;
    }
}
