package io.adacache.bench.video;

/**
 * How a clip is shown.
 *
 * @param fps frames per second
 * @param zoom pixels per pixel
 */
public record Shown(double fps, int zoom) {
    private static final double FASTEST = 240;
    private static final int LARGEST = 64;

    /** Checks both. */
    public Shown {
        if (!(fps >= 0.1 && fps <= FASTEST)) {
            throw new IllegalArgumentException("A clip is shown at 0.1 to 240 frames per second, but got " + fps);
        }
        if (zoom < 1 || zoom > LARGEST) {
            throw new IllegalArgumentException("A clip is shown 1 to " + LARGEST + " times as large, but got " + zoom);
        }
    }
}
