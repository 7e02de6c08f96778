package io.adacache.bench.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.List;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Element;

class PicturesTest {
    /** Three frames of 4 x 5: red, green, blue. */
    private static Clip clip() {
        float[] latent = new float[3 * 3 * 20];
        for (int i = 0; i < latent.length; i++) {
            latent[i] = i / 60 == i / 20 % 3 ? 1.5f : -1;
        }
        return Clip.ofLatent(latent, 3, 4, 5);
    }

    @Test
    void aGifHoldsAllFramesAndRepeats() throws IOException {
        ImageReader reader = ImageIO.getImageReadersByFormatName("gif").next();
        byte[] gif = Pictures.gif(clip(), 8, 6);
        try (ImageInputStream in = ImageIO.createImageInputStream(new ByteArrayInputStream(gif))) {
            reader.setInput(in);
            assertThat(reader.getNumImages(true)).isEqualTo(3);
            for (int frame = 0; frame < 3; frame++) {
                BufferedImage image = reader.read(frame);
                assertThat(image.getWidth()).isEqualTo(30);
                assertThat(image.getHeight()).isEqualTo(24);
                assertThat(image.getRGB(15, 12) & 0xFFFFFF).isEqualTo(0xFF0000 >> 8 * frame);
                Element metadata = (Element) reader.getImageMetadata(frame).getAsTree("javax_imageio_gif_image_1.0");
                Element control = (Element)
                        metadata.getElementsByTagName("GraphicControlExtension").item(0);
                assertThat(control.getAttribute("delayTime")).isEqualTo("13");
            }
        }
        assertThat(new String(gif, java.nio.charset.StandardCharsets.ISO_8859_1))
                .contains("NETSCAPE2.0");
    }

    @Test
    void aSheetHasARowPerClip() throws IOException {
        BufferedImage sheet = ImageIO.read(new ByteArrayInputStream(Pictures.sheet(List.of(clip(), clip()), 3)));
        assertThat(sheet.getWidth()).isEqualTo(3 * (15 + 2) + 2);
        assertThat(sheet.getHeight()).isEqualTo(2 * (12 + 2) + 2);
        assertThat(sheet.getRGB(2 + 7, 2 + 6) & 0xFFFFFF).isEqualTo(0xFF0000);
        assertThat(sheet.getRGB(2 + 17 + 7, 2 + 14 + 6) & 0xFFFFFF).isEqualTo(0x00FF00);
    }
}
