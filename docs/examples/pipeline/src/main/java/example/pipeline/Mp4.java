package example.pipeline;

import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.javacv.FFmpegFrameRecorder;
import org.bytedeco.javacv.Frame;

/** Frames as an MP4 (H.264) that browsers and players play. */
public final class Mp4 {
    private static final double BITS_PER_PIXEL = 0.5;
    private static final int LEAST_BITS = 400_000;

    private Mp4() {}

    /**
     * Returns the file's bytes.
     *
     * @param zoom pixels of the file per pixel of the clip
     */
    public static byte[] of(Frames frames, int zoom) throws IOException {
        Path file = Files.createTempFile("video", ".mp4");
        try {
            write(frames, zoom, file);
            byte[] content = Files.readAllBytes(file);
            if (!isWhole(ByteBuffer.wrap(content))) {
                throw new IOException(
                        "only a part of it could be written to " + file.getParent() + "; is there space left?");
            }
            return content;
        } finally {
            Files.deleteIfExists(file);
        }
    }

    /** FFmpeg says nothing where the disk is full when it closes a file: the boxes must add up, and index and pictures be among them. */
    private static boolean isWhole(ByteBuffer bytes) {
        boolean index = false;
        boolean pictures = false;
        while (bytes.remaining() >= 2 * Integer.BYTES) {
            int size = bytes.getInt(bytes.position());
            int kind = bytes.getInt(bytes.position() + Integer.BYTES);
            index |= kind == 0x6d6f6f76; // "moov"
            pictures |= kind == 0x6d646174; // "mdat"
            if (size < 2 * Integer.BYTES || size > bytes.remaining()) {
                return false;
            }
            bytes.position(bytes.position() + size);
        }
        return index && pictures && !bytes.hasRemaining();
    }

    private static void write(Frames frames, int zoom, Path file) throws IOException {
        // The codec wants even sizes.
        int width = frames.width() * zoom / 2 * 2;
        int height = frames.height() * zoom / 2 * 2;
        avutil.av_log_set_level(avutil.AV_LOG_FATAL);
        try (FFmpegFrameRecorder recorder = new FFmpegFrameRecorder(file.toFile(), width, height, 0)) {
            recorder.setFormat("mp4");
            recorder.setFrameRate(frames.fps());
            recorder.setVideoCodec(avcodec.AV_CODEC_ID_H264);
            recorder.setVideoCodecName("libopenh264");
            recorder.setPixelFormat(avutil.AV_PIX_FMT_YUV420P);
            recorder.setVideoBitrate((int) Math.max(LEAST_BITS, BITS_PER_PIXEL * width * height * frames.fps()));
            recorder.setVideoOption("threads", "1");
            recorder.setOption("movflags", "+faststart");
            recorder.start();
            for (int i = 0; i < frames.rgb().size(); i++) {
                try (Frame frame = frame(frames.image(i), width, height)) {
                    recorder.record(frame, avutil.AV_PIX_FMT_BGR24);
                }
            }
            recorder.stop();
        }
    }

    private static Frame frame(BufferedImage image, int width, int height) {
        BufferedImage large = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = large.createGraphics();
        graphics.setRenderingHint(RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BICUBIC);
        graphics.drawImage(image, 0, 0, width, height, null);
        graphics.dispose();
        Frame frame = new Frame(width, height, Frame.DEPTH_UBYTE, Frames.COLOURS);
        ByteBuffer bytes = (ByteBuffer) frame.image[0];
        for (int i = 0; i < width * height; i++) {
            int rgb = large.getRGB(i % width, i / width);
            int at = i / width * frame.imageStride + Frames.COLOURS * (i % width);
            bytes.put(at, (byte) rgb);
            bytes.put(at + 1, (byte) (rgb >> 8));
            bytes.put(at + 2, (byte) (rgb >> 16));
        }
        return frame;
    }
}
