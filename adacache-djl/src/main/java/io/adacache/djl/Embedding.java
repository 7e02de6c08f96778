package io.adacache.djl;

import ai.djl.ndarray.NDArray;
import io.adacache.djl.engine.Context;
import io.adacache.spi.Transformer.Embedded;

/**
 * What {@code embed} returned, and what the rest of its call is held against.
 *
 * @param context the engine's part, which this owns
 * @param expected what the other methods of the call must return
 * @param borrowed what they must leave as it is
 * @param isLent whether the engine's part is another's
 */
record Embedding(Context context, Expected expected, Borrowed borrowed, boolean isLent) implements Embedded<NDArray> {
    /** Returns the same, whose engine's part stays this one's to free. */
    Embedding lent() {
        return new Embedding(context, expected, borrowed, true);
    }

    @Override
    public NDArray hidden() {
        return context.hidden();
    }

    @Override
    public void close() {
        if (!isLent) {
            context.close();
        }
    }
}
