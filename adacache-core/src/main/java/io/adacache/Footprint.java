package io.adacache;

import io.adacache.event.Trace.StepRecord;
import io.adacache.layout.Layout;
import io.adacache.layout.TokenGrid;
import io.adacache.policy.CachePolicy;
import io.adacache.policy.Generation;
import io.adacache.replay.SizeOnlyTransformer;
import io.adacache.replay.ThoughtThrough;
import io.adacache.spi.TensorOps.Storage;
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
        return predict(policy, layout, generation, sizes, Storage.FULL);
    }

    /** Predicts the footprint of a generation whose kept sums are stored so: {@link CacheSession.Builder#keepAs}. */
    public static Footprint predict(
            CachePolicy policy, Layout layout, Generation generation, Sizes sizes, Storage storage) {
        Footprint still = run(policy, layout, generation, sizes, storage, false);
        Footprint changing = run(policy, layout, generation, sizes, storage, true);
        return new Footprint(
                Math.max(still.bytesHeld, changing.bytesHeld), Math.max(still.bytesPeak, changing.bytesPeak));
    }

    private static Footprint run(
            CachePolicy policy, Layout layout, Generation generation, Sizes sizes, Storage storage, boolean changing) {
        SizeOnlyTransformer model = new SizeOnlyTransformer(
                layout, sizes.grid(), sizes.activationBytes(), sizes.latentBytes(), sizes.predictionBytes(), changing);
        List<StepRecord> steps =
                ThoughtThrough.generation(model, policy, generation, storage, (branch, step) -> List.of());
        return new Footprint(
                steps.stream().mapToLong(StepRecord::bytesHeld).max().orElse(0),
                steps.stream().mapToLong(StepRecord::bytesPeak).max().orElse(0));
    }
}
