package io.adacache.bench.report;

import java.util.List;
import java.util.stream.Stream;

/** Colours of policies: distinguishable by colour-blind readers (Okabe and Ito), grey for the uncached one. */
final class Palette {
    private static final String GREY = "#8a8a86";
    private static final List<String> COLOURS =
            List.of("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#7b5ea7", "#444444");

    private Palette() {}

    /** Returns the colour of a policy: its own, or in a sweep that of its method. */
    static String of(Comparison comparison, String policy) {
        if (policy.equals(Comparison.UNCACHED)) {
            return GREY;
        }
        Stream<String> others = comparison.policies().stream().filter(other -> !other.equals(Comparison.UNCACHED));
        return comparison.isSweep()
                ? ofFamily(others.map(Family::of).distinct().toList(), Family.of(policy))
                : COLOURS.get(Math.max(0, others.toList().indexOf(policy)) % COLOURS.size());
    }

    /** Returns the colour of a method among others. */
    static String ofFamily(List<String> families, String family) {
        return COLOURS.get(Math.max(0, families.indexOf(family)) % COLOURS.size());
    }

    /** Returns the dashes of a method's line: none for the first of each colour, none for AdaCache. */
    static String dashes(List<String> families, String family) {
        return families.indexOf(family) < COLOURS.size() ? "" : "5 3";
    }
}
