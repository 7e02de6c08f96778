package io.adacache.djl.instrument.syntax;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** How strongly binary operators bind. */
final class Precedence {
    private static final Map<String, Integer> BINDING = Map.ofEntries(
            Map.entry("or", 1),
            Map.entry("and", 2),
            Map.entry("==", 4),
            Map.entry("!=", 4),
            Map.entry("<", 4),
            Map.entry(">", 4),
            Map.entry("<=", 4),
            Map.entry(">=", 4),
            Map.entry("is", 4),
            Map.entry("in", 4),
            Map.entry("|", 5),
            Map.entry("^", 6),
            Map.entry("&", 7),
            Map.entry("+", 9),
            Map.entry("-", 9),
            Map.entry("*", 10),
            Map.entry("/", 10),
            Map.entry("//", 10),
            Map.entry("%", 10),
            Map.entry("@", 10),
            Map.entry("**", 12));

    private Precedence() {}

    /** A number that is higher for an operator that binds more strongly; null for what is no operator. */
    static @Nullable Integer of(String operator) {
        return BINDING.get(operator);
    }
}
