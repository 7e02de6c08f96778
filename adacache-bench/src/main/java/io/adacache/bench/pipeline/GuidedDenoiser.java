package io.adacache.bench.pipeline;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.adacache.CacheSession;
import io.adacache.bench.sampler.Denoiser;
import io.adacache.bench.sampler.Guidance;
import io.adacache.bench.sampler.LatentShape;
import io.adacache.djl.Manifest;
import io.adacache.djl.TorchScriptTransformer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A model with classifier-free guidance behind a caching session.
 *
 * <p>One generation, one thread. Owns the tensors that stay the same over its steps; what a step needs dies with the step.
 */
public final class GuidedDenoiser implements Denoiser, AutoCloseable {
    /** Branch of the prompt, where guidance is called separately. */
    public static final String CONDITIONAL = "conditional";
    /** Branch of the null prompt. */
    public static final String UNCONDITIONAL = "unconditional";

    private final Manifest manifest;
    private final CacheSession<NDArray> session;
    private final GuidanceMode mode;
    private final float scale;
    private final LatentShape latent;
    private final NDManager manager;
    private final List<StepInputs> halves = new ArrayList<>();
    private final StepInputs both;

    /**
     * Begins.
     *
     * @param session begun with the branches {@link #CONDITIONAL} and {@link #UNCONDITIONAL} if guidance is separate, with one
     *     if not; the caller's to close
     * @param scale of the guidance
     * @param latent of one guidance half
     */
    public GuidedDenoiser(
            TorchScriptTransformer model,
            CacheSession<NDArray> session,
            GuidanceMode mode,
            float scale,
            LatentShape latent,
            Conditioning conditioning) {
        this.manifest = model.manifest();
        this.session = session;
        this.mode = mode;
        this.scale = scale;
        this.latent = latent;
        this.manager = model.newManager();
        float[] first = manifest.guidance().unconditionalFirst() ? conditioning.nothing() : conditioning.text();
        float[] second = manifest.guidance().unconditionalFirst() ? conditioning.text() : conditioning.nothing();
        this.both = new StepInputs(
                manifest, manager, latent.withBatch(2 * latent.batch()), conditioning, join(first, second));
        for (float[] text : List.of(conditioning.text(), conditioning.nothing())) {
            halves.add(new StepInputs(manifest, manager, latent, conditioning, text));
        }
    }

    @Override
    public float[] predict(int step, float timestep, float[] z, float @Nullable [] active) {
        if (mode == GuidanceMode.BATCHED) {
            float[] joined = call(null, both, timestep, join(z, z), active == null ? null : join(active, active));
            float[] first = Arrays.copyOf(joined, z.length);
            float[] second = Arrays.copyOfRange(joined, z.length, joined.length);
            return manifest.guidance().unconditionalFirst()
                    ? Guidance.combine(second, first, scale)
                    : Guidance.combine(first, second, scale);
        }
        float[] conditional = call(CONDITIONAL, halves.get(0), timestep, z, active);
        return session.needs(UNCONDITIONAL, step)
                ? Guidance.combine(conditional, call(UNCONDITIONAL, halves.get(1), timestep, z, active), scale)
                : conditional;
    }

    private float[] call(
            @Nullable String branch, StepInputs inputs, float timestep, float[] z, float @Nullable [] active) {
        try (NDManager step = manager.newSubManager()) {
            NDList list = inputs.at(step, timestep, z, active);
            NDArray prediction = branch == null ? session.step(list) : session.step(branch, list);
            return properChannels(prediction.toFloatArray(), z.length / latent.size() * latent.batch());
        }
    }

    /** Drops the channels that a sampler does not use, such as a variance. */
    private float[] properChannels(float[] prediction, int rows) {
        int first = manifest.prediction().firstChannel();
        int kept = manifest.prediction().lastChannel() - first;
        int channel = latent.frames() * latent.picture();
        int channels = prediction.length / (rows * channel);
        float[] proper = new float[rows * kept * channel];
        for (int row = 0; row < rows; row++) {
            int from = (row * channels + first) * channel;
            System.arraycopy(prediction, from, proper, row * kept * channel, kept * channel);
        }
        return proper;
    }

    private static float[] join(float[] a, float[] b) {
        float[] joined = Arrays.copyOf(a, a.length + b.length);
        System.arraycopy(b, 0, joined, a.length, b.length);
        return joined;
    }

    /** Frees the tensors that were the same in every step. */
    @Override
    public void close() {
        manager.close();
    }
}
