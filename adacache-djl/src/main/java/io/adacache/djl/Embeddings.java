package io.adacache.djl;

import ai.djl.ndarray.NDArray;
import io.adacache.spi.Transformer.Embedded;
import io.adacache.spi.Transformer.Embedder;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How the calls of a model are embedded: each for itself, or with what is the same in all calls of a branch kept. */
final class Embeddings {
    /** The field of a manifest that promises the method {@code embed_again}. */
    static final String PROMISE = "embed-again";

    private final String name;
    private final Methods methods;
    private final CallChecker checker;
    private final Predictions predictions;
    private final @Nullable Manifest manifest;

    Embeddings(
            String name, Methods methods, CallChecker checker, Predictions predictions, @Nullable Manifest manifest) {
        this.name = name;
        this.methods = methods;
        this.checker = checker;
        this.predictions = predictions;
        this.manifest = manifest;
    }

    /** Whether a file promises that method. */
    static boolean again(Manifest manifest) {
        return Boolean.TRUE.equals(manifest.details().get(PROMISE));
    }

    Embedded<NDArray> embed(List<NDArray> inputs) {
        Expected expected = predictions.of(inputs, checker.check(inputs));
        return Loading.taken(name, () -> methods.embed(inputs, expected));
    }

    /** As {@link #embed}, given the context of a call that differed in the values of latent and timestep alone. */
    Embedded<NDArray> embedAgain(List<NDArray> inputs, Embedded<NDArray> before) {
        Expected expected = predictions.of(inputs, checker.check(inputs));
        return Loading.taken(name, () -> methods.embedAgain(inputs, expected, before));
    }

    /**
     * Returns what embeds the calls of a branch. On a device that works behind its calls, to compare inputs would wait for it and cost
     * what it saves: docs/decisions/0032.
     */
    Embedder<NDArray> embedder() {
        if (manifest != null && again(manifest) && methods.embedsAgain()) {
            return new SteadyInputs(this, methods.ops(), manifest);
        }
        return this::embed;
    }
}
