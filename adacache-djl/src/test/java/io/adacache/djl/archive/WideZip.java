package io.adacache.djl.archive;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32;

/** Writes zip64 archives, as archives over 4 GiB are, of any size: every size and offset stands in a zip64 field. For tests. */
public final class WideZip implements Closeable {
    private static final int ALL_ONES = 0xffffffff;

    private record Written(byte[] name, int crc, long size, long header) {}

    private final FileChannel out;
    private final List<Written> entries = new ArrayList<>();

    /** Begins a file. */
    public WideZip(Path file) throws IOException {
        out = FileChannel.open(
                file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE, StandardOpenOption.SPARSE);
    }

    private static ByteBuffer buffer(int size) {
        return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    }

    private void write(ByteBuffer bytes) throws IOException {
        bytes.flip();
        while (bytes.hasRemaining()) {
            out.write(bytes);
        }
    }

    /** Adds an entry. */
    public void add(String name, byte[] content) throws IOException {
        CRC32 crc = new CRC32();
        crc.update(content);
        header(name, (int) crc.getValue(), content.length);
        write(buffer(content.length).put(content));
    }

    /** Adds an entry of zeros, which take no room on file systems that leave out what was never written. */
    public void addZeros(String name, long size) throws IOException {
        CRC32 crc = new CRC32();
        byte[] zeros = new byte[1 << 20];
        for (long left = size; left > 0; left -= zeros.length) {
            crc.update(zeros, 0, (int) Math.min(left, zeros.length));
        }
        header(name, (int) crc.getValue(), size);
        out.position(out.position() + size);
    }

    private void header(String name, int crc, long size) throws IOException {
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        entries.add(new Written(bytes, crc, size, out.position()));
        write(buffer(30 + bytes.length + 20)
                .putInt(0x04034b50)
                .putShort((short) 45)
                .putShort((short) 0)
                .putInt(0)
                .putShort((short) 0x21)
                .putInt(crc)
                .putInt(ALL_ONES)
                .putInt(ALL_ONES)
                .putShort((short) bytes.length)
                .putShort((short) 20)
                .put(bytes)
                .putShort((short) 1)
                .putShort((short) 16)
                .putLong(size)
                .putLong(size));
    }

    private void directory(Written entry) throws IOException {
        write(buffer(46 + entry.name().length + 28)
                .putInt(0x02014b50)
                .putShort((short) 45)
                .putShort((short) 45)
                .putShort((short) 0)
                .putInt(0)
                .putShort((short) 0x21)
                .putInt(entry.crc())
                .putInt(ALL_ONES)
                .putInt(ALL_ONES)
                .putShort((short) entry.name().length)
                .putShort((short) 28)
                .putShort((short) 0)
                .putShort((short) 0)
                .putShort((short) 0)
                .putInt(0)
                .putInt(ALL_ONES)
                .put(entry.name())
                .putShort((short) 1)
                .putShort((short) 24)
                .putLong(entry.size())
                .putLong(entry.size())
                .putLong(entry.header()));
    }

    /** Writes the directory. */
    @Override
    public void close() throws IOException {
        long start = out.position();
        for (Written entry : entries) {
            directory(entry);
        }
        long end = out.position();
        write(buffer(98)
                .putInt(0x06064b50)
                .putLong(44)
                .putShort((short) 45)
                .putShort((short) 45)
                .putInt(0)
                .putInt(0)
                .putLong(entries.size())
                .putLong(entries.size())
                .putLong(end - start)
                .putLong(start)
                .putInt(0x07064b50)
                .putInt(0)
                .putLong(end)
                .putInt(1)
                .putInt(0x06054b50)
                .putInt(0)
                .putInt(ALL_ONES)
                .putInt(ALL_ONES)
                .putInt(ALL_ONES)
                .putShort((short) 0));
        out.close();
    }
}
