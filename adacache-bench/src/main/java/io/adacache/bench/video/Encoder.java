package io.adacache.bench.video;

// Why FFmpeg: docs/decisions/0021.

import io.adacache.bench.pipeline.Clip;
import io.adacache.bench.pipeline.Pictures;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.javacv.FFmpegFrameRecorder;
import org.bytedeco.javacv.Frame;

/** Encodes clips with FFmpeg, which comes as a library on the class path. One thread per clip: the same clip gives the same bytes. */
final class Encoder {
    /** Generous: clips are short, and what is compared by eye should not show the codec. */
    private static final double BITS_PER_PIXEL = 0.5;

    private static final int LEAST_BITS = 400_000;
    private static final int COLOURS = 3;

    private Encoder() {}

    static byte[] encode(VideoFormat format, Clip clip, Shown shown) {
        try {
            // Not a stream: an MP4's index is written last, and belongs at the beginning.
            Path file = Files.createTempFile("adacache", "." + format.extension());
            try {
                write(format, clip, shown, file);
                return WholeFile.read(format, file);
            } finally {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new IllegalStateException("The clip cannot be encoded as " + format + ": " + e.getMessage(), e);
        } catch (LinkageError e) {
            throw new IllegalStateException(
                    "The clip cannot be encoded as " + format + ": FFmpeg's library cannot be loaded here ("
                            + e.getMessage()
                            + "); write gif or png, or name a folder that it can be unpacked to: -Dorg.bytedeco.javacpp.cachedir=...",
                    e);
        }
    }

    private static void write(VideoFormat format, Clip clip, Shown shown, Path file) throws IOException {
        // Both codecs that are common want an even number of rows and columns.
        int width = even(clip.width() * shown.zoom());
        int height = even(clip.height() * shown.zoom());
        avutil.av_log_set_level(avutil.AV_LOG_FATAL);
        try (FFmpegFrameRecorder recorder = new FFmpegFrameRecorder(file.toFile(), width, height, 0)) {
            recorder.setFormat(format.extension());
            recorder.setFrameRate(shown.fps());
            recorder.setVideoOption("threads", "1");
            if (format == VideoFormat.MP4) {
                h264(recorder, (int) Math.max(LEAST_BITS, BITS_PER_PIXEL * width * height * shown.fps()));
            } else {
                webp(recorder);
            }
            recorder.start();
            for (int i = 0; i < clip.frames(); i++) {
                try (Frame frame = frame(Pictures.zoomed(clip.image(i), shown.zoom()), width, height)) {
                    recorder.record(frame, avutil.AV_PIX_FMT_BGR24);
                }
            }
            recorder.stop();
        }
    }

    private static void h264(FFmpegFrameRecorder recorder, int bits) {
        recorder.setVideoCodec(avcodec.AV_CODEC_ID_H264);
        recorder.setVideoCodecName("libopenh264");
        recorder.setPixelFormat(avutil.AV_PIX_FMT_YUV420P);
        recorder.setVideoBitrate(bits);
        recorder.setOption("movflags", "+faststart");
    }

    private static void webp(FFmpegFrameRecorder recorder) {
        recorder.setVideoCodec(avcodec.AV_CODEC_ID_WEBP);
        recorder.setVideoCodecName("libwebp_anim");
        recorder.setPixelFormat(avutil.AV_PIX_FMT_BGRA);
        recorder.setVideoOption("lossless", "1");
        recorder.setOption("loop", "0");
    }

    private static int even(int size) {
        return size + size % 2;
    }

    /** What is added at the right and below to make sizes even repeats the last column and row. */
    private static Frame frame(BufferedImage image, int width, int height) {
        Frame frame = new Frame(width, height, Frame.DEPTH_UBYTE, COLOURS);
        ByteBuffer bytes = (ByteBuffer) frame.image[0];
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                int rgb = image.getRGB(Math.min(x, image.getWidth() - 1), Math.min(y, image.getHeight() - 1));
                int at = y * frame.imageStride + COLOURS * x;
                bytes.put(at, (byte) rgb);
                bytes.put(at + 1, (byte) (rgb >> Byte.SIZE));
                bytes.put(at + 2, (byte) (rgb >> 2 * Byte.SIZE));
            }
        }
        return frame;
    }
}
