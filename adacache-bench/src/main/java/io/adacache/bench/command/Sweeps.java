package io.adacache.bench.command;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The settings with which methods are compared, each over a range of speeds: what {@code compare --policies all} runs. They were
 * chosen on the tuning prompts, see {@code docs/choosing.md}; polynomial, ratios and motion constants of a model come from its
 * file.
 */
final class Sweeps {
    /** Every method with several settings. */
    static final List<String> ALL = List.of("every-2", "every-3", "even:10", "pab:slow");

    /** The rows of the paper's table 1. */
    static final List<String> TABLE_1 = List.of(
            "delta-dit", "tgate", "pab:fast", "pab:slow", "adacache-fast", "adacache-fast-moreg", "adacache-slow");

    /** The rows of the paper's table 3. */
    static final List<String> TABLE_3 = List.of(
            "adacache-fast",
            "adacache-fast-moreg",
            "adacache-medium",
            "adacache-slow",
            "adacache-fast:metric=l2",
            "adacache-fast:metric=cosine",
            "adacache-fast:location=start",
            "adacache-fast:location=end",
            "adacache-fast:location=several",
            "adacache-fast:residual=spatial-attention",
            "adacache-fast:residual=cross-attention",
            "adacache-fast:residual=mlp");

    private Sweeps() {}

    /** Replaces {@code all}, {@code table1} and {@code table3} by what they stand for; nothing occurs twice. */
    static List<String> expand(List<String> policies) {
        Set<String> expanded = new LinkedHashSet<>();
        for (String policy : policies) {
            switch (policy) {
                case "all" -> expanded.addAll(ALL);
                case "table1" -> expanded.addAll(TABLE_1);
                case "table3" -> expanded.addAll(TABLE_3);
                default -> expanded.add(policy);
            }
        }
        return List.copyOf(expanded);
    }
}
