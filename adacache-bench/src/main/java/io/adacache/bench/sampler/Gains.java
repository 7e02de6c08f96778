package io.adacache.bench.sampler;

import java.util.ArrayList;
import java.util.List;

/**
 * How much of the prediction a sampler adds to the latent in each call, found by running it on a latent of one number: samplers are
 * linear in latent and prediction. Of samplers that look back at earlier predictions it is what a constant prediction adds.
 */
public final class Gains {
    private static final NoiseSource SILENCE = float[]::new;

    private Gains() {}

    /** Returns a gain per call. */
    public static List<Double> of(Sampler sampler) {
        Sampler.Run kept = sampler.begin(new float[] {1}, SILENCE);
        Sampler.Run added = sampler.begin(new float[] {0}, SILENCE);
        List<Double> gains = new ArrayList<>();
        for (int call = 0; call < sampler.calls(); call++) {
            double keptBefore = kept.latent()[0];
            double addedBefore = added.latent()[0];
            kept.advance(new float[] {0}, null);
            added.advance(new float[] {1}, null);
            double share = keptBefore == 0 ? 0 : kept.latent()[0] / keptBefore;
            gains.add(Math.abs(added.latent()[0] - share * addedBefore));
        }
        return gains;
    }
}
