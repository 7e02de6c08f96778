package io.adacache.bench.pipeline;

import io.adacache.djl.Manifest;
import io.adacache.layout.TokenGrid;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * The floating point operations (a multiply-add counts 2) of one site of each kind, as sums of products of named dimensions: the
 * manifest's {@code flops}. Immutable.
 */
public final class FlopTerms {
    private final Manifest manifest;
    private final Map<?, ?> terms;

    /** Reads them from a manifest; there may be none. */
    public FlopTerms(Manifest manifest) {
        this.manifest = manifest;
        this.terms = manifest.details().get("flops") instanceof Map<?, ?> given ? given : Map.of();
    }

    /** Whether the manifest says nothing. */
    public boolean isEmpty() {
        return terms.isEmpty();
    }

    /**
     * Returns the operations of one part in one call; 0 where the manifest says nothing.
     *
     * @param part a residual kind's id, for one site of that kind; {@code embed}; {@code head}
     * @param named sizes as for {@link Manifest#grid}, and {@code text}
     */
    public double of(String part, Map<String, Long> named) {
        TokenGrid grid = manifest.grid(named);
        double sum = 0;
        for (Object term : terms.get(part) instanceof List<?> list ? list : List.of()) {
            Map<?, ?> fields = (Map<?, ?>) term;
            double product = ((Number) field(fields, "coefficient")).doubleValue();
            for (Object dimension : (List<?>) field(fields, "dimensions")) {
                product *= switch ((String) dimension) {
                    case "frames" -> grid.frames();
                    case "tokens" -> grid.tokensPerFrame();
                    default -> size((String) dimension, named);
                };
            }
            sum += product;
        }
        return sum;
    }

    private static Object field(Map<?, ?> term, String name) {
        return Objects.requireNonNull(term.get(name), name);
    }

    private long size(String name, Map<String, Long> named) {
        Long size = named.get(name);
        if (size != null) {
            return size;
        }
        Integer own = manifest.sizes().get(name);
        if (own == null) {
            throw new IllegalArgumentException("The size '" + name + "' is missing, but got " + named);
        }
        return own;
    }
}
