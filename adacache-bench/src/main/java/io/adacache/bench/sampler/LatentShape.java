package io.adacache.bench.sampler;

/**
 * Sizes of a latent {@code [batch, channels, frames, height, width]}, row major, last axis fastest.
 *
 * @param batch clips
 * @param channels channels of the latent
 * @param frames latent frames
 * @param height rows
 * @param width columns
 */
public record LatentShape(int batch, int channels, int frames, int height, int width) {
    private static final float PIXELS = 8;

    /** Checks that no size is empty, and that an array can hold both guidance halves. */
    public LatentShape {
        if (batch < 1 || channels < 1 || frames < 1 || height < 1 || width < 1) {
            throw new IllegalArgumentException("A latent has no empty dimension, but got [" + batch + ", " + channels
                    + ", " + frames + ", " + height + ", " + width + "]");
        }
        double elements = 2.0 * batch * channels * frames * height * width;
        if (elements > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(
                    "A latent of [" + batch + ", " + channels + ", " + frames + ", " + height + ", " + width
                            + "] is too large: it and its guidance half have more elements than an array can hold");
        }
    }

    /** Returns the number of elements. */
    public int size() {
        return batch * channels * frames * picture();
    }

    /** Returns the number of elements of one channel of one frame. */
    public int picture() {
        return height * width;
    }

    /** Returns the rows of the clip in pixels, as the usual autoencoders count: eight to a row of the latent. */
    public float pixelRows() {
        return PIXELS * height;
    }

    /** Returns the columns of the clip in pixels. */
    public float pixelColumns() {
        return PIXELS * width;
    }

    /** Returns the index into {@code [batch, frames]} of the frame in which an element of the latent lies. */
    int frameOf(int element) {
        int line = element / picture();
        return line / (channels * frames) * frames + line % frames;
    }

    /** Returns the same with another number of rows of the batch. */
    public LatentShape withBatch(int newBatch) {
        return new LatentShape(newBatch, channels, frames, height, width);
    }

    /** Returns the sizes in order. */
    public long[] toArray() {
        return new long[] {batch, channels, frames, height, width};
    }
}
