package io.adacache.bench.sampler;

/**
 * Open-Sora's mask strategy: which frames are generated, and from which noise level on. Kept frames are in the latent from the
 * start.
 *
 * <p>A value of 1 generates a frame, 0 keeps it, one between generates it from that noise level on: when it becomes active it is
 * noised to that level. Source: {@code opensora/schedulers/rf/__init__.py}, {@code sample}. The published code forgets from step to
 * step which frames were noised unless they are active, and so does this. State of one generation; not thread-safe.
 */
final class FrameMask {
    private static final float TOP = 1000;

    private final float[] mask;
    private final LatentShape shape;
    private final NoiseSource noise;
    private final boolean[] noised;
    private float[] before = {};

    /**
     * @param mask {@code [batch, frames]}, 0..1
     * @param noise asked when a frame is noised anew
     */
    FrameMask(float[] mask, LatentShape shape, NoiseSource noise) {
        if (mask.length != shape.batch() * shape.frames()) {
            throw new IllegalArgumentException("The frame mask has " + mask.length + " values for " + shape.batch()
                    + " x " + shape.frames() + " frames");
        }
        this.mask = mask.clone();
        this.shape = shape;
        this.noise = noise;
        this.noised = new boolean[mask.length];
        for (int i = 0; i < mask.length; i++) {
            noised[i] = mask[i] == 1;
        }
    }

    /** Begins a step: noises frames that become active, and returns 1 for each active frame, 0 for the others. */
    float[] begin(float timestep, float[] latent) {
        before = latent.clone();
        boolean[] fresh = new boolean[mask.length];
        boolean any = false;
        float[] active = new float[mask.length];
        for (int i = 0; i < mask.length; i++) {
            boolean on = mask[i] * TOP >= timestep;
            active[i] = on ? 1 : 0;
            fresh[i] = on && !noised[i];
            any |= fresh[i];
            noised[i] = on;
        }
        if (any) {
            float clean = 1 - timestep / TOP;
            float[] random = noise.next(latent.length);
            for (int i = 0; i < latent.length; i++) {
                if (fresh[shape.frameOf(i)]) {
                    latent[i] = clean * before[i] + (1 - clean) * random[i];
                }
            }
        }
        return active;
    }

    /** Ends a step: frames that are not active are put back to what they were before it. */
    void end(float[] active, float[] latent) {
        for (int i = 0; i < latent.length; i++) {
            if (active[shape.frameOf(i)] == 0) {
                latent[i] = before[i];
            }
        }
    }
}
