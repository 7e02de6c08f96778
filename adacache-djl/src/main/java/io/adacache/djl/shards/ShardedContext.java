package io.adacache.djl.shards;

import ai.djl.ndarray.NDArray;
import io.adacache.djl.engine.Context;
import io.adacache.spi.Transformer.Embedded;
import java.util.List;

/** What embedding a call left at each member: a context for its frames and, where there is temporal attention, one for its places. */
final class ShardedContext implements Embedded<NDArray> {
    private final NDArray hidden;
    private final List<Contexts> contexts;

    ShardedContext(NDArray hidden, List<Contexts> contexts) {
        this.hidden = hidden;
        this.contexts = contexts;
    }

    /** A member's contexts: of its frames or rows, and, where there is temporal attention, of its places. */
    record Contexts(List<Context> byAxis) {
        void close() {
            byAxis.forEach(Context::close);
        }
    }

    Context of(Axis axis, int member) {
        return contexts.get(member).byAxis().get(axis == Axis.PLACES ? 1 : 0);
    }

    @Override
    public NDArray hidden() {
        return hidden;
    }

    @Override
    public void close() {
        contexts.forEach(Contexts::close);
    }
}
