package io.adacache.bench.scale;

import ai.djl.ndarray.NDArray;
import io.adacache.djl.TorchScriptTransformer;
import io.adacache.layout.Layout;
import io.adacache.layout.Span;
import io.adacache.layout.TokenGrid;
import io.adacache.spi.TensorOps;
import io.adacache.spi.Transformer;
import io.adacache.spi.Transformer.Embedded;
import io.adacache.spi.Transformer.Embedder;
import java.util.List;
import java.util.function.Supplier;

/**
 * A model that counts the time inside its own methods: what is left of a step is the session's. On a device that works behind its
 * calls the count says when calls returned, not when they were done. Not thread-safe.
 */
final class TimedModel implements Transformer<NDArray> {
    private final TorchScriptTransformer model;
    private long nanos;

    TimedModel(TorchScriptTransformer model) {
        this.model = model;
    }

    /** Returns the nanoseconds inside the model since the last call of this method. */
    long takeNanos() {
        long taken = nanos;
        nanos = 0;
        return taken;
    }

    private <R> R timed(Supplier<R> work) {
        long begin = System.nanoTime();
        R result = work.get();
        nanos += System.nanoTime() - begin;
        return result;
    }

    @Override
    public String name() {
        return model.name();
    }

    @Override
    public Layout layout() {
        return model.layout();
    }

    @Override
    public TensorOps<NDArray> ops() {
        return model.ops();
    }

    @Override
    public TokenGrid check(List<NDArray> inputs) {
        return model.check(inputs);
    }

    @Override
    public NDArray latent(List<NDArray> inputs) {
        return model.latent(inputs);
    }

    @Override
    public NDArray forward(List<NDArray> inputs) {
        return timed(() -> model.forward(inputs));
    }

    @Override
    public Embedded<NDArray> embed(List<NDArray> inputs) {
        return timed(() -> model.embed(inputs));
    }

    @Override
    public Embedder<NDArray> embedder() {
        Embedder<NDArray> inner = model.embedder();
        return new Embedder<>() {
            @Override
            public Embedded<NDArray> embed(List<NDArray> inputs) {
                return timed(() -> inner.embed(inputs));
            }

            @Override
            public void close() {
                inner.close();
            }
        };
    }

    @Override
    public List<NDArray> run(Span sites, int[] capture, NDArray hidden, Embedded<NDArray> context) {
        return timed(() -> model.run(sites, capture, hidden, context));
    }

    @Override
    public NDArray modulated(int site, NDArray hidden, Embedded<NDArray> context) {
        return timed(() -> model.modulated(site, hidden, context));
    }

    @Override
    public NDArray head(NDArray hidden, Embedded<NDArray> context) {
        return timed(() -> model.head(hidden, context));
    }

    @Override
    public NDArray handOver(NDArray prediction, List<NDArray> inputs) {
        return model.handOver(prediction, inputs);
    }

    @Override
    public void sessionBegun(OpenSession session) {
        model.sessionBegun(session);
    }

    @Override
    public void sessionClosed(OpenSession session) {
        model.sessionClosed(session);
    }
}
