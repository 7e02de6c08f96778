package io.adacache.bench.pipeline;

import io.adacache.djl.Manifest;
import io.adacache.layout.TokenGrid;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;

/**
 * The floating point operations (a multiply-add counts 2) of one site of each kind, as sums of products of named dimensions: the
 * manifest's {@code flops}. Immutable.
 */
public final class FlopTerms {
    private static final String TEXT = "text";
    private static final Set<String> SEQUENCES = Set.of("frames", "tokens", TEXT);
    /** A token is named by its frame and its place. */
    private static final int PLACES = 2;

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
        return sum(part, named, dimensions -> true);
    }

    /** Returns those of a part between tokens: they grow with more than the number of tokens. */
    public double ofAttention(String part, Map<String, Long> named) {
        return sum(
                part,
                named,
                dimensions -> dimensions.stream().filter(SEQUENCES::contains).count() > PLACES);
    }

    /** Returns those of a part that are spent on the text alone. */
    public double ofText(String part, Map<String, Long> named) {
        return sum(part, named, dimensions -> dimensions.contains(TEXT) && !dimensions.contains("tokens"));
    }

    private double sum(String part, Map<String, Long> named, Predicate<List<?>> wanted) {
        TokenGrid grid = manifest.grid(named);
        double sum = 0;
        for (Object term : terms.get(part) instanceof List<?> list ? list : List.of()) {
            Map<?, ?> fields = (Map<?, ?>) term;
            List<?> dimensions = (List<?>) field(fields, "dimensions");
            if (wanted.test(dimensions)) {
                sum += product(fields, dimensions, grid, named);
            }
        }
        return sum;
    }

    private double product(Map<?, ?> fields, List<?> dimensions, TokenGrid grid, Map<String, Long> named) {
        double product = ((Number) field(fields, "coefficient")).doubleValue();
        for (Object dimension : dimensions) {
            product *= switch ((String) dimension) {
                case "frames" -> grid.frames();
                case "tokens" -> grid.tokensPerFrame();
                default -> size((String) dimension, named);
            };
        }
        return product;
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
