package io.adacache.bench.compare;

import io.adacache.bench.files.Resources;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Lists of policies by one word: what {@code compare --policies all}, {@code table1} and {@code table3} run. */
public final class Sweeps {
    private static final Set<String> WORDS = Set.of("all", "table1", "table3");

    private Sweeps() {}

    /** Replaces the words by what they stand for; nothing occurs twice. */
    public static List<String> expand(List<String> policies) {
        Set<String> expanded = new LinkedHashSet<>();
        for (String policy : policies) {
            if (WORDS.contains(policy)) {
                expanded.addAll(Resources.lines("/io/adacache/bench/compare/" + policy + ".txt"));
            } else {
                expanded.add(policy);
            }
        }
        return List.copyOf(expanded);
    }
}
