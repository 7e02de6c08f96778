package io.adacache;

import io.adacache.internal.SessionEngine;
import io.adacache.layout.Layout;
import io.adacache.layout.Span;
import io.adacache.layout.TokenGrid;
import io.adacache.policy.CachePolicy;
import io.adacache.policy.Generation;
import io.adacache.spi.TensorOps;
import io.adacache.spi.Transformer;
import io.adacache.spi.Transformer.Embedded;
import io.adacache.tune.Recording;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A model that records while it is called: an uncached session on it is a recording, so whoever can generate with a session can record.
 * It shows itself as opaque, since what is inside is the {@link Recording.Recorder}'s. One session, one thread; close it when the recording is
 * taken.
 *
 * @param <T> the engine's tensor type
 */
final class RecordingModel<T> implements Transformer<T>, AutoCloseable {
    static final String SIZE = "size";
    static final String LEVELS = "levels";

    private final Transformer<T> model;
    private final Recording.Recorder<T> recorder;
    private final List<Double> levels = new ArrayList<>();
    private String size = "";
    private @Nullable SessionEngine<?> session;

    RecordingModel(Transformer<T> model, Generation generation, List<CachePolicy> policies) {
        this.model = model;
        this.recorder = Recording.begin(new KeepingModel<>(model), generation, policies);
    }

    /** Returns the recording, which also tells sizes and noise levels, as text. */
    Recording recording() {
        String falling = levels.stream().map(String::valueOf).collect(Collectors.joining(";"));
        return recorder.recording().withAbout(Map.of(SIZE, size, LEVELS, falling));
    }

    @Override
    public T forward(List<T> inputs) {
        SessionEngine<?> caller = session;
        if (caller == null) {
            throw new IllegalStateException("A recording takes calls of its session only");
        }
        size = Generation.Scope.sizeOf(model.check(inputs));
        if (caller.calledBranch().equals(caller.generation().branches().get(0))) {
            model.noiseLevel(inputs).ifPresent(levels::add);
        }
        return recorder.step(caller.calledBranch(), inputs);
    }

    @Override
    public void sessionBegun(OpenSession begun) {
        model.sessionBegun(begun);
        session = (SessionEngine<?>) begun;
    }

    @Override
    public void sessionClosed(OpenSession closed) {
        model.sessionClosed(closed);
    }

    @Override
    public T handOver(T prediction, List<T> inputs) {
        return model.handOver(prediction, inputs);
    }

    @Override
    public String name() {
        return model.name();
    }

    @Override
    public Layout layout() {
        return Layout.opaque();
    }

    @Override
    public TensorOps<T> ops() {
        return model.ops();
    }

    @Override
    public TokenGrid check(List<T> inputs) {
        return model.check(inputs);
    }

    @Override
    public T latent(List<T> inputs) {
        return model.latent(inputs);
    }

    @Override
    public OptionalLong fingerprint(List<T> inputs) {
        return model.fingerprint(inputs);
    }

    @Override
    public Embedded<T> embed(List<T> inputs) {
        throw opaque();
    }

    @Override
    public List<T> run(Span sites, int[] capture, T hidden, Embedded<T> context) {
        throw opaque();
    }

    @Override
    public T modulated(int site, T hidden, Embedded<T> context) {
        throw opaque();
    }

    @Override
    public T head(T hidden, Embedded<T> context) {
        throw opaque();
    }

    private static IllegalStateException opaque() {
        return new IllegalStateException("A model that records is called as a whole");
    }

    @Override
    public void close() {
        recorder.close();
    }

    /** The same model, whose predictions stay the caller's: the session hands them over, not the recorder. */
    private record KeepingModel<T>(Transformer<T> model) implements Transformer<T> {
        @Override
        public String name() {
            return model.name();
        }

        @Override
        public Layout layout() {
            return model.layout();
        }

        @Override
        public TensorOps<T> ops() {
            return model.ops();
        }

        @Override
        public TokenGrid check(List<T> inputs) {
            return model.check(inputs);
        }

        @Override
        public T latent(List<T> inputs) {
            return model.latent(inputs);
        }

        @Override
        public T forward(List<T> inputs) {
            return model.forward(inputs);
        }

        @Override
        public Embedded<T> embed(List<T> inputs) {
            return model.embed(inputs);
        }

        @Override
        public List<T> run(Span sites, int[] capture, T hidden, Embedded<T> context) {
            return model.run(sites, capture, hidden, context);
        }

        @Override
        public T modulated(int site, T hidden, Embedded<T> context) {
            return model.modulated(site, hidden, context);
        }

        @Override
        public T head(T hidden, Embedded<T> context) {
            return model.head(hidden, context);
        }

        @Override
        public String remedyForSites() {
            return model.remedyForSites();
        }
    }
}
