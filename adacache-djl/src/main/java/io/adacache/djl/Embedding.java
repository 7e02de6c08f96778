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
 */
record Embedding(Context context, Expected expected, Borrowed borrowed) implements Embedded<NDArray> {
    @Override
    public NDArray hidden() {
        return context.hidden();
    }

    @Override
    public void close() {
        context.close();
    }
}
