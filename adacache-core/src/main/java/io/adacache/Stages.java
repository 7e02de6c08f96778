package io.adacache;

import io.adacache.layout.Layout;
import io.adacache.layout.Span;
import io.adacache.layout.TokenGrid;
import io.adacache.policy.CachePolicy;
import io.adacache.spi.TensorOps;
import io.adacache.spi.Transformer;
import io.adacache.spi.Transformer.Embedded;
import io.adacache.spi.Transformer.Embedder;
import io.adacache.spi.Transformer.OpenSession;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.function.ToIntFunction;

/** Models that share a generation between them, as one: each call goes to the model of its stage. */
final class Stages<T> implements Transformer<T> {
    private final List<Transformer<T>> models;
    private final ToIntFunction<List<T>> which;

    Stages(List<? extends Transformer<T>> models, ToIntFunction<List<T>> which) {
        this.models = List.copyOf(models);
        this.which = which;
        if (this.models.isEmpty()) {
            throw new IllegalArgumentException("A generation in stages needs a model for each; none was given");
        }
        for (Transformer<T> model : this.models) {
            if (!model.layout().equals(first().layout())) {
                throw new IllegalArgumentException("The models of one generation must have the same sites, but "
                        + model.name() + " has other ones than " + first().name() + "; begin a session on each");
            }
        }
    }

    private record Staged<T>(Transformer<T> model, Embedded<T> inner) implements Embedded<T> {
        @Override
        public T hidden() {
            return inner.hidden();
        }

        @Override
        public void close() {
            inner.close();
        }
    }

    private Transformer<T> first() {
        return models.get(0);
    }

    private Transformer<T> of(List<T> inputs) {
        return models.get(stage(inputs));
    }

    private static <T> Staged<T> staged(Embedded<T> context) {
        return (Staged<T>) context;
    }

    @Override
    public int stage(List<T> inputs) {
        int stage = which.applyAsInt(inputs);
        if (stage < 0 || stage >= models.size()) {
            throw new IllegalArgumentException(
                    "There is no stage " + stage + ": the generation has " + models.size() + ", counted from 0");
        }
        return stage;
    }

    @Override
    public String name() {
        return String.join(" | ", models.stream().map(Transformer::name).toList());
    }

    @Override
    public Layout layout() {
        return first().layout();
    }

    @Override
    public TensorOps<T> ops() {
        return first().ops();
    }

    @Override
    public TokenGrid check(List<T> inputs) {
        return of(inputs).check(inputs);
    }

    @Override
    public T latent(List<T> inputs) {
        return of(inputs).latent(inputs);
    }

    @Override
    public T forward(List<T> inputs) {
        return of(inputs).forward(inputs);
    }

    @Override
    public Embedded<T> embed(List<T> inputs) {
        Transformer<T> model = of(inputs);
        return new Staged<>(model, model.embed(inputs));
    }

    @Override
    public Embedder<T> embedder() {
        return new EmbedderOfStages();
    }

    private final class EmbedderOfStages implements Embedder<T> {
        private final Map<Transformer<T>, Embedder<T>> each = new IdentityHashMap<>();

        @Override
        public Embedded<T> embed(List<T> inputs) {
            Transformer<T> model = of(inputs);
            return new Staged<>(
                    model, each.computeIfAbsent(model, Transformer::embedder).embed(inputs));
        }

        @Override
        public void close() {
            each.values().forEach(Embedder::close);
        }
    }

    @Override
    public List<T> run(Span sites, int[] capture, T hidden, Embedded<T> context) {
        Staged<T> staged = staged(context);
        return staged.model.run(sites, capture, hidden, staged.inner);
    }

    @Override
    public T modulated(int site, T hidden, Embedded<T> context) {
        Staged<T> staged = staged(context);
        return staged.model.modulated(site, hidden, staged.inner);
    }

    @Override
    public T head(T hidden, Embedded<T> context) {
        Staged<T> staged = staged(context);
        return staged.model.head(hidden, staged.inner);
    }

    @Override
    public T handOver(T prediction, List<T> inputs) {
        return of(inputs).handOver(prediction, inputs);
    }

    @Override
    public Optional<CachePolicy> recommended(String text, int steps) {
        return first().recommended(text, steps);
    }

    @Override
    public String remedyForSites() {
        return first().remedyForSites();
    }

    @Override
    public OptionalLong fingerprint(List<T> inputs) {
        return of(inputs).fingerprint(inputs);
    }

    @Override
    public OptionalDouble noiseLevel(List<T> inputs) {
        return of(inputs).noiseLevel(inputs);
    }

    @Override
    public void sessionBegun(OpenSession session) {
        int begun = 0;
        try {
            for (Transformer<T> model : models) {
                model.sessionBegun(session);
                begun++;
            }
        } finally {
            if (begun < models.size()) {
                models.subList(0, begun).forEach(model -> model.sessionClosed(session));
            }
        }
    }

    @Override
    public void sessionClosed(OpenSession session) {
        models.forEach(model -> model.sessionClosed(session));
    }
}
