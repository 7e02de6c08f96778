package io.adacache.bench.report;

import java.util.List;

/** Colours of policies: distinguishable by colour-blind readers (Okabe and Ito), grey for the uncached one. */
final class Palette {
    private static final String GREY = "#8a8a86";
    private static final List<String> COLOURS =
            List.of("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#7b5ea7", "#444444");

    private Palette() {}

    /** Returns the colour of the policy at that place of a comparison. */
    static String of(Comparison comparison, String policy) {
        if (policy.equals(Comparison.UNCACHED)) {
            return GREY;
        }
        int place = comparison.policies().stream()
                .filter(other -> !other.equals(Comparison.UNCACHED))
                .toList()
                .indexOf(policy);
        return COLOURS.get(Math.max(0, place) % COLOURS.size());
    }
}
