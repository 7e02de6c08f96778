package io.adacache.bench.quality;

import io.adacache.bench.pipeline.Clip;
import org.jspecify.annotations.Nullable;

/**
 * How near a clip is to a reference of the same size.
 *
 * @param psnr in decibels, over all channels and frames; {@link Psnr#EQUAL} for equal clips
 * @param ssim mean over frames of the {@linkplain Ssim similarity} of their luma (0.299 R + 0.587 G + 0.114 B); null where frames
 *     are too small for it
 */
public record Quality(double psnr, @Nullable Double ssim) {
    /** Compares a clip with its reference. */
    public static Quality of(Clip clip, Clip reference) {
        double psnr = Psnr.decibels(clip.values(), reference.values());
        if (Math.min(clip.height(), clip.width()) < Ssim.WINDOW) {
            return new Quality(psnr, null);
        }
        double sum = 0;
        for (int frame = 0; frame < clip.frames(); frame++) {
            sum += Ssim.of(clip.luma(frame), reference.luma(frame), clip.height(), clip.width());
        }
        return new Quality(psnr, sum / clip.frames());
    }
}
