package io.adacache.djl.instrument.graph;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/** The normalised inputs of a site. */
final class Modulated {
    private Modulated() {}

    /**
     * The normalised, modulated input of each value that a site changes, by that value. An input of another shape (two streams are
     * joined before they are normalised) is none; there the stream itself is taken.
     */
    static Map<String, String> of(Cut cut, Segments segments, Probed probed, int site) {
        SiteFacts facts = new SiteFacts(cut, segments, site);
        Map<String, String> values = new LinkedHashMap<>();
        if (facts.kind() == SiteFacts.Kind.POSITION) {
            return values;
        }
        for (String value : changed(cut, site)) {
            StreamAdd add = cut.trunk().adds().get(value);
            String found = null;
            while (add != null
                    && !cut.states().get(site).contains(value)
                    && cut.sites().get(site).contains(add)) {
                String input = facts.modulated(add);
                found = input == null ? found : fits(probed, input, add.output()) ? input : add.stream();
                add = cut.trunk().adds().get(add.stream());
            }
            if (found != null) {
                values.put(value, found);
            }
        }
        return values;
    }

    /** The values of the state behind a site, and the sums of which only parts are in it. */
    private static Set<String> changed(Cut cut, int site) {
        Set<String> values = new LinkedHashSet<>();
        for (String value : cut.states().get(site + 1)) {
            StreamAdd add = cut.trunk().adds().get(value);
            boolean sum = add != null && !add.exchanges();
            values.addAll(sum ? Set.of(value) : cut.trunk().roots(add == null ? value : add.stream()));
        }
        return values;
    }

    private static boolean fits(Probed probed, String input, String value) {
        long[] a = probed.shape(input);
        return a != null && Arrays.equals(a, probed.shape(value));
    }
}
