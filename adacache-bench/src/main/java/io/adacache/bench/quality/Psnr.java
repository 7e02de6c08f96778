package io.adacache.bench.quality;

/**
 * Peak signal-to-noise ratio, {@code -10 log10(mean squared error)} with values from 0 to 1: the error is averaged over all
 * channels, pixels and frames of a clip before the logarithm is taken.
 */
public final class Psnr {
    /** What equal clips get, in decibels. */
    public static final double EQUAL = 100;

    private Psnr() {}

    /**
     * Returns the ratio in decibels, at most {@link #EQUAL}.
     *
     * @param clip values 0..1
     * @param reference as many values 0..1
     */
    public static double decibels(float[] clip, float[] reference) {
        if (clip.length != reference.length || clip.length == 0) {
            throw new IllegalArgumentException(
                    "Clips of " + clip.length + " and " + reference.length + " values cannot be compared");
        }
        double sum = 0;
        for (int i = 0; i < clip.length; i++) {
            double difference = clip[i] - reference[i];
            sum += difference * difference;
        }
        return Math.min(EQUAL, -10 * Math.log10(sum / clip.length));
    }
}
