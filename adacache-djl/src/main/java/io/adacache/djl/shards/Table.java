package io.adacache.djl.shards;

import ai.djl.ndarray.NDArray;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which arrays stand for a divided tensor: sessions hold one array for each, the first member's piece, and never look inside.
 * Thread-safe (docs/decisions/0030). By identity, since DJL's arrays compare their content.
 */
final class Table {
    private final Map<NDArray, Parts> divided = Collections.synchronizedMap(new IdentityHashMap<>());

    NDArray add(Parts parts) {
        divided.put(parts.piece(0), parts);
        return parts.piece(0);
    }

    @Nullable
    Parts find(NDArray array) {
        return divided.get(array);
    }

    Parts get(NDArray array) {
        Parts parts = divided.get(array);
        if (parts == null) {
            throw new IllegalArgumentException("This array is no divided hidden state of the model, or was freed");
        }
        return parts;
    }

    /** All that is divided now. */
    List<Parts> all() {
        synchronized (divided) {
            return List.copyOf(divided.values());
        }
    }

    @Nullable
    Parts remove(NDArray array) {
        return divided.remove(array);
    }
}
