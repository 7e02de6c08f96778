package io.adacache.djl;

import ai.djl.ndarray.NDArray;
import io.adacache.spi.Transformer.Embedded;
import io.adacache.spi.Transformer.Embedder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Embeds the calls of one branch, and projects the text and makes the tables of positions only where what they are made from has
 * changed: the first call's context serves the later ones. Whether it still fits is found out by comparing contents, so that a caller may
 * hand over new arrays, or write into old ones, as it likes. Not thread-safe. Owns what it keeps until closed.
 */
final class SteadyInputs implements Embedder<NDArray> {
    private static final Set<String> CHANGING = Set.of("latent", "timestep");

    private final Embeddings embeddings;
    private final NDArrayOps ops;
    private final List<Manifest.Input> inputs;
    private final List<NDArray> seen = new ArrayList<>();
    private long[] latentShape = new long[0];
    private @Nullable Embedding first;

    SteadyInputs(Embeddings embeddings, NDArrayOps ops, Manifest manifest) {
        this.embeddings = embeddings;
        this.ops = ops;
        this.inputs = manifest.inputs();
    }

    /** Whether inputs of that role differ from step to step. */
    static boolean isChanging(Manifest.Input input) {
        return CHANGING.contains(input.role());
    }

    @Override
    public Embedded<NDArray> embed(List<NDArray> given) {
        Embedding before = first;
        if (before != null && fits(given)) {
            return embeddings.embedAgain(given, before);
        }
        close();
        Embedding whole = (Embedding) embeddings.embed(given);
        first = whole;
        boolean good = false;
        try {
            for (NDArray input : steady(given)) {
                seen.add(ops.copy(input));
            }
            latentShape = shapeOfLatent(given);
            good = true;
            return whole.lent();
        } finally {
            if (!good) {
                close();
                ops.release(whole.hidden());
            }
        }
    }

    private boolean fits(List<NDArray> given) {
        return Arrays.equals(latentShape, shapeOfLatent(given)) && ops.same(seen, steady(given));
    }

    private long[] shapeOfLatent(List<NDArray> given) {
        for (int i = 0; i < given.size(); i++) {
            if (inputs.get(i).role().equals("latent")) {
                return given.get(i).getShape().getShape();
            }
        }
        return new long[0];
    }

    private List<NDArray> steady(List<NDArray> given) {
        List<NDArray> steady = new ArrayList<>();
        for (int i = 0; i < given.size(); i++) {
            if (!isChanging(inputs.get(i))) {
                steady.add(given.get(i));
            }
        }
        return steady;
    }

    @Override
    public void close() {
        for (int i = seen.size() - 1; i >= 0; i--) {
            ops.release(seen.get(i));
            seen.remove(i);
        }
        Embedding context = first;
        if (context != null) {
            context.close();
            first = null;
        }
    }
}
