package io.adacache.djl;

import ai.djl.ndarray.NDArray;
import io.adacache.CacheSession;
import io.adacache.event.CacheListener;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** What every session of a model begins with. Thread-safe. */
final class SessionDefaults {
    private final List<CacheListener> listeners = new CopyOnWriteArrayList<>();
    private volatile CacheSession.@Nullable Admission admission;

    void listen(CacheListener listener) {
        listeners.add(listener);
    }

    void admission(CacheSession.Admission value) {
        admission = value;
    }

    CacheSession.Builder<NDArray> applied(CacheSession.Builder<NDArray> builder, Optional<Manifest> manifest) {
        manifest.ifPresent(known -> builder.facts(Map.of("dtype", known.dtype())));
        listeners.forEach(builder::listener);
        CacheSession.Admission present = admission;
        return present == null ? builder : builder.admission(present);
    }
}
