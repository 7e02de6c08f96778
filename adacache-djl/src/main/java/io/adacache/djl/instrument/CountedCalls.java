package io.adacache.djl.instrument;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import io.adacache.djl.Manifest;
import io.adacache.djl.instrument.graph.Observed;
import io.adacache.layout.Site;
import java.util.List;
import java.util.Map;

/** Operations of calls of a candidate file, counted while it runs. */
record CountedCalls(Observed observed, List<String> notes) {
    /** The share of all operations that lies inside the sites; 0 where nothing can be counted, so that the measured time decides. */
    double inside(NativeModel model, NDList inputs, int sites) {
        if (observed.segments().isEmpty()) {
            return 0;
        }
        long[] counts = count(model, inputs);
        double inside = 0;
        double all = 0;
        for (int i = 0; i < counts.length; i++) {
            int segment = observed.segments().get(i);
            all += counts[i];
            inside += segment >= 0 && segment < sites ? counts[i] : 0;
        }
        return all == 0 ? 0 : inside / all;
    }

    /** Counts at the size of the inputs and with every dynamic dimension changed alone. */
    Map<String, List<Manifest.Term>> terms(
            NativeModel model,
            CallDimensions dimensions,
            NDList inputs,
            StartFacts facts,
            List<String> dynamic,
            List<Site> sites,
            int channels) {
        if (observed.segments().isEmpty()) {
            notes.add("no operations were found that could be counted");
            return Map.of();
        }
        OperationCounts counts = new OperationCounts();
        counts.add(dimensions.patched(facts, Map.of()), count(model, inputs));
        for (String name : dynamic) {
            long size = dimensions.larger(name, facts);
            counts.add(
                    dimensions.patched(facts, Map.of(name, size)),
                    count(model, dimensions.resized(inputs, name, size)));
        }
        String prefix = ManifestWriter.prefix(facts, dimensions);
        Map<String, List<Manifest.Term>> terms = counts.terms(observed.segments(), sites, prefix, channels);
        if (counts.untold() > 0) {
            notes.add(String.format(
                    java.util.Locale.ROOT,
                    "%.1f %% of the operations follow no product of dimensions; inspect leaves them out",
                    100 * counts.untold()));
        }
        if (!observed.uncounted().isEmpty()) {
            notes.add("operations inside of " + String.join(", ", observed.uncounted()) + " are not counted");
        }
        return terms;
    }

    private static long[] count(NativeModel model, NDList inputs) {
        try (NDList counts = model.call("adacache_count", inputs)) {
            return counts.stream().mapToLong(NDArray::getLong).toArray();
        }
    }
}
