package io.adacache.bench.video;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;

/** Reads a video file that was written, if it is whole: FFmpeg says nothing where the disk is full when it closes one. */
final class WholeFile {
    private static final int BOX_HEADER = 8;
    /** The boxes of an MP4 that hold the place of each picture, and the pictures: "moov" and "mdat". */
    private static final int INDEX = 0x6d6f6f76;

    private static final int PICTURES = 0x6d646174;

    private static final int RIFF_HEADER = 12;
    private static final int RIFF_SIZE = 4;
    private static final int RIFF_UNCOUNTED = 8;

    private WholeFile() {}

    static byte[] read(VideoFormat format, Path file) throws IOException {
        byte[] content = Files.readAllBytes(file);
        if (!isWhole(format, content)) {
            throw new IOException("only a part of it could be written to " + file.getParent()
                    + "; make space there, or name another folder: -Djava.io.tmpdir=...");
        }
        return content;
    }

    static boolean isWhole(VideoFormat format, byte[] content) {
        ByteBuffer bytes = ByteBuffer.wrap(content);
        return format == VideoFormat.MP4 ? isMp4(bytes) : isWebp(bytes.order(ByteOrder.LITTLE_ENDIAN));
    }

    private static boolean isMp4(ByteBuffer bytes) {
        boolean index = false;
        boolean pictures = false;
        while (bytes.remaining() >= BOX_HEADER) {
            int size = bytes.getInt(bytes.position());
            int kind = bytes.getInt(bytes.position() + Integer.BYTES);
            index |= kind == INDEX;
            pictures |= kind == PICTURES;
            if (size < BOX_HEADER || size > bytes.remaining()) {
                return false;
            }
            bytes.position(bytes.position() + size);
        }
        return index && pictures && !bytes.hasRemaining();
    }

    private static boolean isWebp(ByteBuffer bytes) {
        return bytes.remaining() >= RIFF_HEADER && bytes.getInt(RIFF_SIZE) + RIFF_UNCOUNTED == bytes.remaining();
    }
}
