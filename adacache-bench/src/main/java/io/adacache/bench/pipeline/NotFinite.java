package io.adacache.bench.pipeline;

/** A generation that came to NaN or infinity: it ran to its end, and there is nothing to show. */
public final class NotFinite extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private NotFinite(String message) {
        super(message);
    }

    /** Whether all values are numbers. */
    static boolean isFinite(float[] values) {
        for (float value : values) {
            if (!Float.isFinite(value)) {
                return false;
            }
        }
        return true;
    }

    /** Returns the latent of a generation, if it is one. */
    static float[] check(float[] latent) {
        if (!isFinite(latent)) {
            throw new NotFinite(
                    "The generated latent holds NaN or infinity: the model predicted no numbers. What it is"
                            + " given may be out of its range, its precision too small (float16 ends at 65504), or its weights damaged");
        }
        return latent;
    }
}
