package io.adacache.bench.video;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.adacache.bench.pipeline.Clip;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.javacv.FFmpegFrameGrabber;
import org.bytedeco.javacv.Frame;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What was written is read again: the boxes by hand, the pictures by a decoder. */
class VideoFormatTest {
    private static final int FRAMES = 9;
    private static final int HEIGHT = 15;
    private static final int WIDTH = 21;

    @TempDir
    private Path folder;

    @BeforeEach
    void beQuiet() {
        avutil.av_log_set_level(avutil.AV_LOG_FATAL);
    }

    /** A bright square that moves to the right before a gradient. */
    private static Clip clip() {
        float[] latent = new float[3 * FRAMES * HEIGHT * WIDTH];
        int at = 0;
        for (int colour = 0; colour < 3; colour++) {
            for (int frame = 0; frame < FRAMES; frame++) {
                for (int y = 0; y < HEIGHT; y++) {
                    for (int x = 0; x < WIDTH; x++) {
                        boolean square = y > 4 && y < 10 && x >= frame && x < frame + 6;
                        latent[at++] = square ? 0.8f - 0.3f * colour : -0.9f + 1.2f * y / HEIGHT;
                    }
                }
            }
        }
        return Clip.ofLatent(latent, FRAMES, HEIGHT, WIDTH);
    }

    /** Frames as RGB, {@code [frames][pixels * 3]}, as the file's own decoder sees them. */
    private List<byte[]> decoded(byte[] file, VideoFormat format, int width, int height, double fps) throws Exception {
        Path path = Files.write(folder.resolve("clip." + format.extension()), file);
        List<byte[]> frames = new ArrayList<>();
        try (FFmpegFrameGrabber grabber = new FFmpegFrameGrabber(path.toFile())) {
            grabber.setPixelFormat(avutil.AV_PIX_FMT_RGB24);
            grabber.start();
            assertThat(grabber.getImageWidth()).isEqualTo(width);
            assertThat(grabber.getImageHeight()).isEqualTo(height);
            assertThat(grabber.getFrameRate()).isBetween(fps * 0.99, fps * 1.01);
            for (Frame frame = grabber.grabImage(); frame != null; frame = grabber.grabImage()) {
                ByteBuffer pixels = (ByteBuffer) frame.image[0];
                byte[] copy = new byte[3 * width * height];
                for (int y = 0; y < height; y++) {
                    pixels.get(y * frame.imageStride, copy, 3 * width * y, 3 * width);
                }
                frames.add(copy);
            }
        }
        return frames;
    }

    private static double psnr(byte[] actual, int width, Clip clip, int frame, int zoom) {
        byte[] expected = clip.rgb(frame);
        double sum = 0;
        int count = 0;
        for (int y = 0; y < clip.height(); y++) {
            for (int x = 0; x < clip.width(); x++) {
                for (int colour = 0; colour < 3; colour++) {
                    int there = ((y * zoom + zoom / 2) * width + x * zoom + zoom / 2) * 3 + colour;
                    double apart = (actual[there] & 255) - (expected[(y * clip.width() + x) * 3 + colour] & 255);
                    sum += apart * apart;
                    count++;
                }
            }
        }
        return 10 * Math.log10(255 * 255 * count / Math.max(sum, 1e-9));
    }

    @Test
    void anMp4IsPlayedBackAsItWasGenerated() throws Exception {
        byte[] file = VideoFormat.MP4.bytes(clip(), new Shown(12, 5));
        // 105 x 75 pixels, made even.
        List<byte[]> frames = decoded(file, VideoFormat.MP4, 106, 76, 12);
        assertThat(frames).hasSize(FRAMES);
        for (int i = 0; i < FRAMES; i++) {
            assertThat(psnr(frames.get(i), 106, clip(), i, 5)).as("frame %d", i).isGreaterThan(24);
        }
        assertThat(psnr(frames.get(FRAMES - 1), 106, clip(), 0, 5))
                .as("another frame")
                .isLessThan(20);
    }

    @Test
    void anMp4HasItsIndexFirst() {
        byte[] file = VideoFormat.MP4.bytes(clip(), new Shown(8, 4));
        List<String> boxes = new ArrayList<>();
        ByteBuffer bytes = ByteBuffer.wrap(file);
        while (bytes.remaining() >= 8) {
            int start = bytes.position();
            int size = bytes.getInt();
            byte[] name = new byte[4];
            bytes.get(name);
            boxes.add(new String(name, StandardCharsets.US_ASCII));
            assertThat(size).isGreaterThanOrEqualTo(8);
            bytes.position(start + size);
        }
        assertThat(bytes.remaining()).isZero();
        assertThat(boxes).startsWith("ftyp", "moov").contains("mdat");
        assertThat(new String(file, StandardCharsets.ISO_8859_1)).as("H.264").contains("avc1");
    }

    @Test
    void webpKeepsEveryColour() throws Exception {
        byte[] file = VideoFormat.WEBP.bytes(clip(), new Shown(10, 1));
        assertThat(new String(file, 0, 16, StandardCharsets.ISO_8859_1))
                .startsWith("RIFF")
                .endsWith("WEBPVP8X");
        String text = new String(file, StandardCharsets.ISO_8859_1);
        assertThat(text.split("ANMF", -1)).as("pictures").hasSize(FRAMES + 1);
    }

    @ParameterizedTest
    @EnumSource(VideoFormat.class)
    void theSameClipGivesTheSameBytes(VideoFormat format) {
        assertThat(format.bytes(clip(), new Shown(8, 2))).isEqualTo(format.bytes(clip(), new Shown(8, 2)));
    }

    @Test
    void rawBytesAreThoseOfThePicture() {
        Clip clip = clip();
        byte[] raw = clip.rgb(3);
        for (int i = 0; i < HEIGHT * WIDTH; i++) {
            int rgb = (raw[3 * i] & 255) << 16 | (raw[3 * i + 1] & 255) << 8 | raw[3 * i + 2] & 255;
            assertThat(rgb).isEqualTo(clip.image(3).getRGB(i % WIDTH, i / WIDTH) & 0xFFFFFF);
        }
    }

    @Test
    void nonsenseIsRefused() {
        assertThatThrownBy(() -> new Shown(0, 1)).hasMessageContaining("frames per second");
        assertThatThrownBy(() -> new Shown(Double.NaN, 1)).hasMessageContaining("frames per second");
        assertThatThrownBy(() -> new Shown(8, 0)).hasMessageContaining("times as large");
    }

    /** A full disk leaves such files, and FFmpeg does not say so. */
    @ParameterizedTest
    @EnumSource(names = {"MP4", "WEBP"})
    void aFileThatIsCutOffIsNotTakenForAClip(VideoFormat format) throws Exception {
        byte[] whole = format.bytes(clip(), new Shown(8, 1));
        assertThat(WholeFile.isWhole(format, whole)).isTrue();
        for (int length = 0; length < whole.length; length++) {
            assertThat(WholeFile.isWhole(format, Arrays.copyOf(whole, length)))
                    .as("%d of %d bytes", length, whole.length)
                    .isFalse();
        }
        Path cut = Files.write(folder.resolve("cut"), Arrays.copyOf(whole, whole.length - 1));
        assertThatThrownBy(() -> WholeFile.read(format, cut)).hasMessageContaining("only a part");
    }
}
