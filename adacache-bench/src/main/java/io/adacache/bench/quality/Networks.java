package io.adacache.bench.quality;

import io.adacache.bench.pipeline.Clip;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The networks that a user brings to judge clips. Owns them until closed.
 *
 * @param lpips distance from a reference, or null
 * @param scorers quality of a clip by itself, by name
 */
public record Networks(@Nullable Lpips lpips, Map<String, Scorer> scorers) implements AutoCloseable {
    /** No network. */
    public static final Networks NONE = new Networks(null, Map.of());

    /** Keeps the order of the scorers. */
    public Networks {
        scorers = Collections.unmodifiableMap(new LinkedHashMap<>(scorers));
    }

    /**
     * Loads networks; if one of them cannot be loaded, those before it are closed.
     *
     * @param lpips a file, or null
     * @param scorers files by name
     */
    public static Networks load(@Nullable Path lpips, Map<String, Path> scorers) {
        Map<String, Scorer> loaded = new LinkedHashMap<>();
        Lpips distance = null;
        try {
            distance = lpips == null ? null : Lpips.load(lpips);
            for (Map.Entry<String, Path> each : scorers.entrySet()) {
                loaded.put(each.getKey(), Scorer.load(each.getValue()));
            }
            return new Networks(distance, loaded);
        } catch (RuntimeException e) {
            new Networks(distance, loaded).close();
            throw e;
        }
    }

    /** Returns the scores of a clip by name. */
    public Map<String, Double> scores(Clip clip) {
        Map<String, Double> scores = new LinkedHashMap<>();
        scorers.forEach((name, scorer) -> scores.put(name, scorer.of(clip)));
        return scores;
    }

    @Override
    public void close() {
        if (lpips != null) {
            lpips.close();
        }
        scorers.values().forEach(Scorer::close);
    }
}
