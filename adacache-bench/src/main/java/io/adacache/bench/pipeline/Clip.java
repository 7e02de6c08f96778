package io.adacache.bench.pipeline;

import java.awt.image.BufferedImage;

/**
 * A short colour video in memory. Immutable by convention: nobody writes to the array.
 *
 * @param frames number of frames
 * @param height rows
 * @param width columns
 * @param values {@code [3, frames, height, width]}: red, green and blue, 0..1
 */
public record Clip(int frames, int height, int width, float[] values) {
    private static final int COLOURS = 3;

    /** Checks the number of values. */
    public Clip {
        if (values.length != COLOURS * frames * height * width) {
            throw new IllegalArgumentException(
                    values.length + " values are no RGB clip of " + frames + " frames of " + height + " x " + width);
        }
    }

    /**
     * Returns the clip that a latent in pixel space is: its values -1..1 become 0..1, what is beyond is cut off.
     *
     * @param latent {@code [1, 3, frames, height, width]}
     */
    public static Clip ofLatent(float[] latent, int frames, int height, int width) {
        float[] values = new float[latent.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = Math.min(1, Math.max(0, (latent[i] + 1) / 2));
        }
        return new Clip(frames, height, width, values);
    }

    private float value(int colour, int frame, int pixel) {
        return values[(colour * frames + frame) * height * width + pixel];
    }

    /** Returns the brightness of a frame as the eye weighs colours, {@code height x width} values 0..1. */
    public double[] luma(int frame) {
        double[] luma = new double[height * width];
        for (int i = 0; i < luma.length; i++) {
            luma[i] = 0.299 * value(0, frame, i) + 0.587 * value(1, frame, i) + 0.114 * value(2, frame, i);
        }
        return luma;
    }

    /** Returns a frame as a picture of 8 bits per colour. */
    public BufferedImage image(int frame) {
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < width * height; i++) {
            int rgb = 0;
            for (int colour = 0; colour < COLOURS; colour++) {
                rgb = rgb << Byte.SIZE | Math.round(value(colour, frame, i) * 255);
            }
            image.setRGB(i % width, i / width, rgb);
        }
        return image;
    }

    /** Returns a frame as bytes: red, green and blue of each pixel, row by row. */
    public byte[] rgb(int frame) {
        byte[] bytes = new byte[COLOURS * width * height];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) Math.round(value(i % COLOURS, frame, i / COLOURS) * 255);
        }
        return bytes;
    }
}
