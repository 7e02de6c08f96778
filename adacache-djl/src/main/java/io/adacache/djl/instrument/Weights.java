package io.adacache.djl.instrument;

import io.adacache.djl.archive.PickledObject;
import io.adacache.djl.archive.Tensor;
import io.adacache.djl.instrument.graph.Program;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** Counts of an archive's stored numbers; a frozen file keeps them among its constants. */
record Weights(String rootName, String dtype, long count) {
    private static final int MAX_DEPTH = 100;

    static Weights of(Program program) {
        Map<String, Long> byDtype = new HashMap<>();
        Set<Object> seen = java.util.Collections.newSetFromMap(new java.util.IdentityHashMap<>());
        Set<String> storages = new HashSet<>();
        collect(program.root(), byDtype, seen, storages, 0);
        program.constants().forEach(c -> collect(c, byDtype, seen, storages, 0));
        String dtype = byDtype.entrySet().stream()
                .filter(e -> e.getKey().contains("float"))
                .max(Map.Entry.comparingByValue())
                .map(Map.Entry::getKey)
                .orElse("float32");
        String type = program.root().type();
        return new Weights(type.substring(type.lastIndexOf('.') + 1), dtype, byDtype.getOrDefault(dtype, 0L));
    }

    private static void collect(
            Object value, Map<String, Long> byDtype, Set<Object> seen, Set<String> storages, int depth) {
        if (value instanceof Tensor tensor) {
            if (storages.add(tensor.storage() + "@" + tensor.offset())) {
                byDtype.merge(tensor.dtype(), tensor.count(), Long::sum);
            }
        } else if (value instanceof PickledObject object && depth < MAX_DEPTH && seen.add(object)) {
            object.attributes().values().forEach(v -> collect(v, byDtype, seen, storages, depth + 1));
        }
    }
}
