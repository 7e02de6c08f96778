package io.adacache.djl.shards;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Counts the bytes that members hand to one another, by kind. Members that share a device count as if each had one of its own.
 */
final class Traffic {
    /** What is moved for. */
    enum Kind {
        /** Between the division by frames and that by places, around temporal attention. */
        SWITCH,
        /** Keys and values of joint attention. */
        KEYS_AND_VALUES,
        /** Parts of the prediction, to the first device. */
        PREDICTION,
        /** What somebody wanted to look at. */
        OTHER
    }

    private final Map<Kind, AtomicLong> moved = new LinkedHashMap<>();

    Traffic() {
        for (Kind kind : Kind.values()) {
            moved.put(kind, new AtomicLong());
        }
    }

    void add(Kind kind, long bytes) {
        Objects.requireNonNull(moved.get(kind)).addAndGet(bytes);
    }

    /** Bytes so far, by kind: {@code switch}, {@code keys-and-values}, {@code prediction}, {@code other}. */
    Map<String, Long> bytes() {
        Map<String, Long> bytes = new LinkedHashMap<>();
        moved.forEach((kind, sum) ->
                bytes.put(kind.name().toLowerCase(java.util.Locale.ROOT).replace('_', '-'), sum.get()));
        return bytes;
    }
}
