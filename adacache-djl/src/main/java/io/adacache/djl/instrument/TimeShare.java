package io.adacache.djl.instrument;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import java.util.Arrays;

/** Measures which share of a call's time the sites take: what no policy can reuse is the rest. */
final class TimeShare {
    private static final int MOST_CALLS = 7;
    private static final long ENOUGH_NANOS = 2_000_000_000L;

    private TimeShare() {}

    /** The sites' time over that of embed, sites and head together; of each part the fastest of up to seven calls. */
    static double measure(NativeModel model, NDList inputs, int sites) {
        long began = System.nanoTime();
        double[] fastest = {Double.MAX_VALUE, Double.MAX_VALUE, Double.MAX_VALUE};
        for (int call = 0; call < MOST_CALLS && (call < 2 || System.nanoTime() - began < ENOUGH_NANOS); call++) {
            double[] nanos = once(model, inputs, sites);
            Arrays.setAll(fastest, part -> Math.min(fastest[part], nanos[part]));
        }
        return fastest[1] / (fastest[0] + fastest[1] + fastest[2]);
    }

    private static double[] once(NativeModel model, NDList inputs, int sites) {
        long start = System.nanoTime();
        try (NativeModel.Embedded embedded = model.embed(inputs)) {
            long embed = System.nanoTime();
            NDArray after = model.run(0, sites, new long[0], embedded.hidden(), embedded.context())
                    .get(0);
            long run = System.nanoTime();
            NDArray prediction = model.head(after, embedded.context());
            long head = System.nanoTime();
            prediction.close();
            after.close();
            return new double[] {embed - start, run - embed, head - run};
        }
    }
}
