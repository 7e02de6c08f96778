package io.adacache.bench.pipeline;

import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageTypeSpecifier;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.metadata.IIOMetadata;
import javax.imageio.metadata.IIOMetadataNode;
import javax.imageio.stream.ImageOutputStream;

/** Clips as animated GIF and as contact sheets in PNG, by the JDK's own writers and without fonts. */
public final class Pictures {
    private static final int GAP = 2;
    private static final int PAPER = 0xF4F4F2;

    private Pictures() {}

    /**
     * Returns an animated GIF that repeats for ever.
     *
     * @param fps frames per second
     * @param zoom pixels per pixel
     */
    public static byte[] gif(Clip clip, double fps, int zoom) {
        return animated(List.of(List.of(clip)), fps, zoom, 0);
    }

    /**
     * Returns an animated GIF of many clips at once, side by side.
     *
     * @param rows equally long lists of clips that are equally long and large
     * @param fps frames per second
     * @param zoom pixels per pixel
     */
    public static byte[] wall(List<List<Clip>> rows, double fps, int zoom) {
        return animated(rows, fps, zoom, GAP);
    }

    private static byte[] animated(List<List<Clip>> rows, double fps, int zoom, int gap) {
        ImageWriter writer = ImageIO.getImageWritersByFormatName("gif").next();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ImageOutputStream out = ImageIO.createImageOutputStream(bytes)) {
            writer.setOutput(out);
            writer.prepareWriteSequence(null);
            for (int frame = 0; frame < rows.get(0).get(0).frames(); frame++) {
                BufferedImage image = tiles(images(rows, frame), zoom, gap);
                ImageWriteParam how = writer.getDefaultWriteParam();
                IIOMetadata metadata = writer.getDefaultImageMetadata(new ImageTypeSpecifier(image), how);
                describe(metadata, (int) Math.max(2, Math.round(100 / fps)), frame == 0);
                writer.writeToSequence(new IIOImage(image, null, metadata), how);
            }
            writer.endWriteSequence();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            writer.dispose();
        }
        return bytes.toByteArray();
    }

    private static void describe(IIOMetadata metadata, int hundredths, boolean first) throws IOException {
        String format = metadata.getNativeMetadataFormatName();
        IIOMetadataNode root = (IIOMetadataNode) metadata.getAsTree(format);
        IIOMetadataNode control = child(root, "GraphicControlExtension");
        control.setAttribute("disposalMethod", "none");
        control.setAttribute("userInputFlag", "FALSE");
        control.setAttribute("transparentColorFlag", "FALSE");
        control.setAttribute("delayTime", Integer.toString(hundredths));
        control.setAttribute("transparentColorIndex", "0");
        if (first) {
            IIOMetadataNode extension = new IIOMetadataNode("ApplicationExtension");
            extension.setAttribute("applicationID", "NETSCAPE");
            extension.setAttribute("authenticationCode", "2.0");
            extension.setUserObject(new byte[] {1, 0, 0});
            child(root, "ApplicationExtensions").appendChild(extension);
        }
        metadata.setFromTree(format, root);
    }

    private static IIOMetadataNode child(IIOMetadataNode root, String name) {
        for (int i = 0; i < root.getLength(); i++) {
            if (root.item(i).getNodeName().equals(name)) {
                return (IIOMetadataNode) root.item(i);
            }
        }
        IIOMetadataNode node = new IIOMetadataNode(name);
        root.appendChild(node);
        return node;
    }

    /**
     * Returns a PNG with all frames of clips: a row per clip, a column per frame.
     *
     * @param clips equally long and large
     * @param zoom pixels per pixel
     */
    public static byte[] sheet(List<Clip> clips, int zoom) {
        List<List<BufferedImage>> rows = new ArrayList<>();
        for (Clip clip : clips) {
            rows.add(IntStream.range(0, clip.frames()).mapToObj(clip::image).toList());
        }
        BufferedImage sheet = tiles(rows, zoom, GAP);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            ImageIO.write(sheet, "png", bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static List<List<BufferedImage>> images(List<List<Clip>> rows, int frame) {
        return rows.stream()
                .map(row -> row.stream().map(clip -> clip.image(frame)).toList())
                .toList();
    }

    private static BufferedImage tiles(List<List<BufferedImage>> rows, int zoom, int gap) {
        BufferedImage first = rows.get(0).get(0);
        int width = first.getWidth() * zoom;
        int height = first.getHeight() * zoom;
        BufferedImage all = new BufferedImage(
                rows.get(0).size() * (width + gap) + gap,
                rows.size() * (height + gap) + gap,
                BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = all.createGraphics();
        graphics.setColor(new java.awt.Color(PAPER));
        graphics.fillRect(0, 0, all.getWidth(), all.getHeight());
        for (int row = 0; row < rows.size(); row++) {
            for (int column = 0; column < rows.get(row).size(); column++) {
                BufferedImage image = zoomed(rows.get(row).get(column), zoom);
                graphics.drawImage(image, gap + column * (width + gap), gap + row * (height + gap), null);
            }
        }
        graphics.dispose();
        return all;
    }

    /** Returns a picture so many times as large, smoothly; itself for 1. */
    public static BufferedImage zoomed(BufferedImage image, int zoom) {
        if (zoom == 1) {
            return image;
        }
        BufferedImage large =
                new BufferedImage(image.getWidth() * zoom, image.getHeight() * zoom, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = large.createGraphics();
        graphics.setRenderingHint(RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BICUBIC);
        graphics.drawImage(image, 0, 0, large.getWidth(), large.getHeight(), null);
        graphics.dispose();
        return large;
    }
}
