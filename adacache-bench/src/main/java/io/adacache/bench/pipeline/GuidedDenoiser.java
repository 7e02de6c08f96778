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
import io.adacache.policy.Generation;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CancellationException;
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
    private final Calls calls;
    private final GuidanceMode mode;
    private final float scale;
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
        this(model, Calls.of(session), mode, scale, latent, conditioning);
    }

    GuidedDenoiser(
            TorchScriptTransformer model,
            Calls calls,
            GuidanceMode mode,
            float scale,
            LatentShape latent,
            Conditioning conditioning) {
        this.manifest = model.manifest();
        this.calls = calls;
        this.mode = mode;
        this.scale = scale;
        this.manager = model.newManager();
        Condition text = conditioning.conditional();
        Condition nothing = conditioning.unconditional();
        this.both = new StepInputs(
                manifest,
                manager,
                latent.withBatch(2 * latent.batch()),
                conditioning,
                manifest.guidance().unconditionalFirst() ? nothing.then(text) : text.then(nothing));
        for (Condition half : List.of(text, nothing)) {
            halves.add(new StepInputs(manifest, manager, latent, conditioning, half));
        }
    }

    /**
     * What a call comes to.
     *
     * @param prediction with guidance, as long as the latent
     * @param variance what the conditional half predicts of the variance, as long as the latent; null where the model predicts none
     */
    public record Guided(float[] prediction, float @Nullable [] variance) {}

    @Override
    public float[] predict(int step, float timestep, float[] z, float @Nullable [] active) {
        return guided(step, timestep, z, active).prediction();
    }

    /** Predicts, as {@link #predict}, the variance included. */
    public Guided guided(int step, float timestep, float[] z, float @Nullable [] active) {
        return switch (mode) {
            case BATCHED -> batched(timestep, z, active);
            case SEPARATE -> separate(step, timestep, z, active);
            case NONE -> call(Generation.SINGLE_BRANCH, halves.get(0), timestep, z, active);
        };
    }

    private Guided batched(float timestep, float[] z, float @Nullable [] active) {
        Guided joined = call(
                Generation.SINGLE_BRANCH, both, timestep, join(z, z), active == null ? null : join(active, active));
        Guided first = half(joined, 0);
        Guided second = half(joined, 1);
        return manifest.guidance().unconditionalFirst() ? combined(second, first) : combined(first, second);
    }

    private Guided separate(int step, float timestep, float[] z, float @Nullable [] active) {
        Guided conditional = call(CONDITIONAL, halves.get(0), timestep, z, active);
        return calls.needs(UNCONDITIONAL, step)
                ? combined(conditional, call(UNCONDITIONAL, halves.get(1), timestep, z, active))
                : conditional;
    }

    private Guided combined(Guided conditional, Guided unconditional) {
        return new Guided(
                Guidance.combine(conditional.prediction(), unconditional.prediction(), scale), conditional.variance());
    }

    private Guided call(String branch, StepInputs inputs, float timestep, float[] z, float @Nullable [] active) {
        try (NDManager step = manager.newSubManager()) {
            NDList list = inputs.at(step, timestep, z, active);
            NDArray prediction = step(branch, list);
            return split(prediction.toFloatArray(), prediction.getShape().getShape());
        }
    }

    /** Parts a prediction into the prediction proper and the variance behind it, and drops further channels. */
    private Guided split(float[] prediction, long[] shape) {
        int first = manifest.prediction().firstChannel();
        int count = manifest.prediction().lastChannel() - first;
        int axis = channelAxis();
        boolean more = shape[axis] >= first + 2L * count;
        return new Guided(
                channels(prediction, shape, axis, first, count),
                more ? channels(prediction, shape, axis, first + count, count) : null);
    }

    /** The one size of a prediction that is a number. */
    private int channelAxis() {
        List<String> shape = manifest.prediction().shape();
        for (int i = 0; i < shape.size(); i++) {
            if (Character.isDigit(shape.get(i).charAt(0))) {
                return i;
            }
        }
        throw new IllegalArgumentException("The manifest does not say which axis of the prediction " + shape
                + " holds its channels; one size must be a number");
    }

    private static float[] channels(float[] values, long[] shape, int axis, int first, int count) {
        int inner = 1;
        for (int i = axis + 1; i < shape.length; i++) {
            inner *= (int) shape[i];
        }
        int line = (int) shape[axis] * inner;
        float[] kept = new float[values.length / line * count * inner];
        for (int row = 0; row < values.length / line; row++) {
            System.arraycopy(values, row * line + first * inner, kept, row * count * inner, count * inner);
        }
        return kept;
    }

    /** Returns the first (0) or second (1) half of the rows. */
    private static Guided half(Guided joined, int which) {
        float[] variance = joined.variance();
        return new Guided(half(joined.prediction(), which), variance == null ? null : half(variance, which));
    }

    private static float[] half(float[] joined, int which) {
        int size = joined.length / 2;
        return Arrays.copyOfRange(joined, which * size, (which + 1) * size);
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

    /** An interrupt inside a step stops the session, which says so in the library's words. */
    private NDArray step(String branch, NDList inputs) {
        try {
            return calls.step(branch, inputs);
        } catch (CancellationException e) {
            if (Thread.currentThread().isInterrupted()) {
                throw new InterruptedGeneration(Objects.requireNonNullElse(e.getMessage(), "interrupted"));
            }
            throw e;
        }
    }
}
