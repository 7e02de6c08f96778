package example.pipeline;

import java.awt.image.BufferedImage;
import java.util.List;

/**
 * A clip as pictures of 8 bits per colour.
 *
 * @param rgb per frame: red, green and blue of each pixel, row by row
 * @param width columns
 * @param height rows
 * @param fps frames per second
 */
public record Frames(List<byte[]> rgb, int width, int height, double fps) {
    static final int COLOURS = 3;

    /** Returns a frame as a picture, for whatever Java does with pictures. */
    public BufferedImage image(int frame) {
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        byte[] bytes = rgb.get(frame);
        for (int i = 0; i < width * height; i++) {
            int at = COLOURS * i;
            image.setRGB(
                    i % width, i / width, (bytes[at] & 255) << 16 | (bytes[at + 1] & 255) << 8 | bytes[at + 2] & 255);
        }
        return image;
    }
}
