package io.adacache;

import io.adacache.internal.SessionEngine;
import io.adacache.layout.Layout;
import io.adacache.layout.TokenGrid;
import io.adacache.policy.CachePolicy;
import io.adacache.policy.Generation;
import java.util.List;

/**
 * The bytes that a session will hold, known before it begins. Predicted by running the session itself on tensors that are nothing but
 * their size, once for a video that never changes and once for one that changes in every step.
 *
 * @param bytesHeld most bytes of kept tensors between two steps, as in {@link CacheStats#bytesHeld}
 * @param bytesPeak most bytes of tensors known to the session at any moment, as in {@link CacheStats#bytesPeak}; what the model uses
 *     inside a call is not in it
 */
public record Footprint(long bytesHeld, long bytesPeak) {
    /**
     * The sizes of a generation's tensors.
     *
     * @param grid of the hidden state, guidance halves included in its rows if they are batched
     * @param bytesPerElement of the hidden state: 4 in fp32, 2 in fp16 and bf16
     * @param latentBytes of the latent that a call is given
     * @param predictionBytes of the prediction that a call returns
     */
    public record Sizes(TokenGrid grid, int bytesPerElement, long latentBytes, long predictionBytes) {
        /** Returns the bytes of a hidden state, a residual or a kept sum. */
        public long activationBytes() {
            return grid.elements() * bytesPerElement;
        }
    }

    /**
     * Predicts the footprint of a generation.
     *
     * @throws IllegalArgumentException if the policy does not work with this layout or generation
     */
    public static Footprint predict(CachePolicy policy, Layout layout, Generation generation, Sizes sizes) {
        Footprint still = run(policy, new SizeOnlyTransformer(layout, sizes, false), generation);
        Footprint changing = run(policy, new SizeOnlyTransformer(layout, sizes, true), generation);
        return new Footprint(
                Math.max(still.bytesHeld, changing.bytesHeld), Math.max(still.bytesPeak, changing.bytesPeak));
    }

    private static Footprint run(CachePolicy policy, SizeOnlyTransformer model, Generation generation) {
        SessionEngine<Long> engine = new SessionEngine<>(model, policy, generation, List.of(), false, () -> 0);
        engine.silence();
        for (int step = 1; step <= generation.steps(); step++) {
            for (String branch : generation.branches()) {
                if (engine.needs(branch, step)) {
                    engine.step(step, branch, List.of());
                }
            }
        }
        CacheStats stats = CacheStats.of(policy.name(), generation.steps(), engine.records(), List.of());
        engine.close();
        return new Footprint(stats.bytesHeld(), stats.bytesPeak());
    }
}
