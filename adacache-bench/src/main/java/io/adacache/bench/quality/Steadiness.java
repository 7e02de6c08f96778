package io.adacache.bench.quality;

import io.adacache.bench.pipeline.Clip;
import java.util.OptionalDouble;

/**
 * How much a clip changes from frame to frame, of its luma from 0 to 1, mean over pixels and frames. Neither needs a reference: a
 * cached clip is held against what its uncached twin has.
 *
 * @param motion {@code |f[t+1] - f[t]|}
 * @param flicker {@code |f[t+1] - 2 f[t] + f[t-1]| / 2}: what changes and changes back; smooth motion of soft things has little of it
 */
public record Steadiness(double motion, double flicker) {
    /** Below a quarter of a step of 8 bits per frame, nothing is seen to move. */
    private static final double STANDING = 0.25 / 255;

    private static final float EIGHT_BITS = 255;

    /**
     * Returns this motion over that of the uncached clip: reuse that is too bold freezes a clip whose frames look good one by one.
     * Empty where the uncached clip stands still.
     */
    public OptionalDouble motionKept(Steadiness uncached) {
        return uncached.motion < STANDING ? OptionalDouble.empty() : OptionalDouble.of(motion / uncached.motion);
    }

    /**
     * Returns VBench's temporal flickering: 1 for a clip that stands still, less by the mean absolute difference of neighbouring frames in
     * 8 bits. Source: VBench, {@code vbench/temporal_flickering.py}.
     */
    public static double temporalFlickering(Clip clip) {
        int frame = clip.height() * clip.width();
        double sum = 0;
        long count = 0;
        for (int i = 0; i < clip.values().length; i++) {
            boolean last = i / frame % clip.frames() == clip.frames() - 1;
            if (!last) {
                sum += Math.abs(
                        Math.round(clip.values()[i + frame] * EIGHT_BITS) - Math.round(clip.values()[i] * EIGHT_BITS));
                count++;
            }
        }
        return count == 0 ? 1 : 1 - sum / count / EIGHT_BITS;
    }

    /** Measures a clip; a clip of one frame has no motion, one of two no flicker. */
    public static Steadiness of(Clip clip) {
        double motion = 0;
        double flicker = 0;
        double[] before = new double[0];
        double[] now = clip.luma(0);
        for (int frame = 1; frame < clip.frames(); frame++) {
            double[] next = clip.luma(frame);
            for (int i = 0; i < next.length; i++) {
                motion += Math.abs(next[i] - now[i]);
                if (frame > 1) {
                    flicker += Math.abs(next[i] - 2 * now[i] + before[i]) / 2;
                }
            }
            before = now;
            now = next;
        }
        return new Steadiness(
                motion / (Math.max(1, clip.frames() - 1) * now.length),
                flicker / (Math.max(1, clip.frames() - 2) * now.length));
    }
}
