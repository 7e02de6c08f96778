package io.adacache.djl.instrument.graph;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What one call of the plain forward has shown of values along the spine.
 *
 * @param shapes by value
 * @param dtypes PyTorch's codes by value
 * @param numbers whole numbers that glue takes as arguments, by value
 * @param strided for values that do not lie in memory in the order of their dimensions, the dimensions in that of memory
 */
public record Probed(
        Map<String, long[]> shapes,
        Map<String, Integer> dtypes,
        Map<String, Long> numbers,
        Map<String, List<Integer>> strided) {
    /** Nothing is known. */
    static final Probed NOTHING = new Probed(Map.of(), Map.of(), Map.of(), Map.of());

    long @Nullable [] shape(String value) {
        return shapes.get(value);
    }

    /** Number of dimensions, or -1. */
    int rank(String value) {
        long[] shape = shapes.get(value);
        return shape == null ? -1 : shape.length;
    }

    @Nullable
    Integer dtype(String value) {
        return dtypes.get(value);
    }
}
