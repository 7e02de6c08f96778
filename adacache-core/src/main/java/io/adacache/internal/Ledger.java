package io.adacache.internal;

import io.adacache.spi.TensorOps;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Every tensor that a session owns, counted in bytes; what is still here when the session fails or ends is freed here.
 *
 * @param <T> the engine's tensor type
 */
final class Ledger<T> {
    private final TensorOps<T> ops;
    private final Set<Shared<T>> live = Collections.newSetFromMap(new IdentityHashMap<>());
    private long held;
    private long peak;

    Ledger(TensorOps<T> ops) {
        this.ops = ops;
    }

    /** Takes ownership of a tensor, for one user. */
    Shared<T> adopt(T tensor) {
        Shared<T> shared = new Shared<>(tensor, ops.bytes(tensor));
        live.add(shared);
        held += shared.bytes;
        peak = Math.max(peak, held);
        return shared;
    }

    List<Shared<T>> adoptAll(List<T> tensors) {
        List<Shared<T>> all = new ArrayList<>(tensors.size());
        tensors.forEach(tensor -> all.add(adopt(tensor)));
        return all;
    }

    /** Adds a user. */
    Shared<T> retain(Shared<T> shared) {
        shared.users++;
        return shared;
    }

    /** Takes a user away and frees the tensor with the last one. */
    void release(@Nullable Shared<T> shared) {
        if (shared != null && --shared.users == 0) {
            forget(shared);
            ops.release(shared.tensor);
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
        live.remove(shared);
        held -= shared.bytes;
    }

    /** Frees everything; one tensor that cannot be freed does not keep the others. */
    void releaseAll() {
        List<Shared<T>> all = new ArrayList<>(live);
        live.clear();
        held = 0;
        RuntimeException first = null;
        for (Shared<T> shared : all) {
            try {
                ops.release(shared.tensor);
            } catch (RuntimeException e) {
                first = first == null ? e : first;
            }
        }
        if (first != null) {
            throw first;
        }
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
