package io.adacache.bench.pipeline;

import java.util.Arrays;

/**
 * What one call, or one guidance half of it, is conditioned on. Arrays are not copied.
 *
 * @param text {@code [rows, length, channels]}; empty where the model takes no text
 * @param labels classes, one per row; empty where the model takes none
 */
record Condition(float[] text, long[] labels) {
    /** Returns these rows and then those of another. */
    Condition then(Condition other) {
        float[] texts = Arrays.copyOf(text, text.length + other.text.length);
        System.arraycopy(other.text, 0, texts, text.length, other.text.length);
        long[] all = Arrays.copyOf(labels, labels.length + other.labels.length);
        System.arraycopy(other.labels, 0, all, labels.length, other.labels.length);
        return new Condition(texts, all);
    }
}
