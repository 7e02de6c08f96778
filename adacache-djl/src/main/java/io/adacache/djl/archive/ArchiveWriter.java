package io.adacache.djl.archive;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.zip.CRC32;

/** Writes a copy of an archive in which some entries are replaced, left out or new; all others are copied as bytes. */
public final class ArchiveWriter {
    private static final int ALIGNMENT = 64;
    private static final long ALL_ONES = 0xffffffffL;
    private static final short DATE = 0x21;

    private final Archive source;
    private final List<Entry> written = new ArrayList<>();

    private ArchiveWriter(Archive source) {
        this.source = source;
    }

    /**
     * Writes the copy.
     *
     * @param changed new content by name within the folder; unknown names are appended
     * @param dropped names to leave out
     */
    public static void copy(Archive source, Path target, Map<String, byte[]> changed, Set<String> dropped)
            throws IOException {
        try (FileChannel out = open(target)) {
            ArchiveWriter writer = new ArchiveWriter(source);
            writer.entries(out, new LinkedHashMap<>(changed), dropped);
            writer.directory(out);
            out.force(true);
        }
    }

    /**
     * Writes the copy with a manifest, which is told the digest of all other entries.
     *
     * @param changed new content by name within the folder; unknown names are appended
     * @param dropped names to leave out
     * @param manifest makes the manifest's text
     */
    public static void copy(
            Archive source,
            Path target,
            Map<String, byte[]> changed,
            Set<String> dropped,
            UnaryOperator<String> manifest)
            throws IOException {
        try (FileChannel out = open(target)) {
            ArchiveWriter writer = new ArchiveWriter(source);
            Set<String> all = new HashSet<>(dropped);
            all.add(Archive.MANIFEST);
            writer.entries(out, new LinkedHashMap<>(changed), all);
            String text = manifest.apply(writer.digest());
            writer.add(out, source.folder() + Archive.MANIFEST, text.getBytes(StandardCharsets.UTF_8));
            writer.directory(out);
            out.force(true);
        }
    }

    private static FileChannel open(Path target) throws IOException {
        return FileChannel.open(
                target, StandardOpenOption.WRITE, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING);
    }

    private String digest() {
        Map<String, Entry> named = new HashMap<>();
        written.forEach(
                entry -> named.put(entry.name().substring(source.folder().length()), entry));
        return EntriesDigest.of(named);
    }

    private void entries(FileChannel out, Map<String, byte[]> changed, Set<String> dropped) throws IOException {
        for (Map.Entry<String, Entry> item : source.entries().entrySet()) {
            byte[] content = changed.remove(item.getKey());
            if (content != null) {
                add(out, source.folder() + item.getKey(), content);
            } else if (!dropped.contains(item.getKey())) {
                copy(out, item.getValue());
            }
        }
        for (Map.Entry<String, byte[]> item : changed.entrySet()) {
            add(out, source.folder() + item.getKey(), item.getValue());
        }
    }

    private void add(FileChannel out, String name, byte[] content) throws IOException {
        CRC32 crc = new CRC32();
        crc.update(content);
        Entry plan = new Entry(name, Entry.STORED, crc.getValue(), content.length, content.length, out.position(), 0);
        header(out, plan);
        full(out, ByteBuffer.wrap(content));
    }

    private void copy(FileChannel out, Entry entry) throws IOException {
        header(
                out,
                new Entry(entry.name(), entry.method(), entry.crc(), entry.packed(), entry.size(), out.position(), 0));
        for (long done = 0; done < entry.packed(); ) {
            long count = source.channel().transferTo(entry.data() + done, entry.packed() - done, out);
            if (count <= 0) {
                throw new ArchiveException("entry " + entry.name() + " is cut off");
            }
            done += count;
        }
    }

    /** Content begins on a multiple of 64 bytes, as in files that PyTorch writes, so that it can be mapped. */
    private void header(FileChannel out, Entry entry) throws IOException {
        byte[] name = entry.name().getBytes(StandardCharsets.UTF_8);
        boolean wide = entry.size() >= ALL_ONES || entry.packed() >= ALL_ONES;
        int fixed = 30 + name.length + (wide ? 20 : 0) + 4;
        int padding = (int) (-(entry.header() + fixed) & (ALIGNMENT - 1));
        ByteBuffer b = ByteBuffer.allocate(fixed + padding).order(ByteOrder.LITTLE_ENDIAN);
        b.putInt(0x04034b50).putShort((short) (wide ? 45 : 20));
        common(b, entry, wide);
        b.putShort((short) name.length)
                .putShort((short) (fixed + padding - 30 - name.length))
                .put(name);
        if (wide) {
            b.putShort((short) 1).putShort((short) 16).putLong(entry.size()).putLong(entry.packed());
        }
        b.put((byte) 'F').put((byte) 'B').putShort((short) padding);
        b.clear();
        full(out, b);
        written.add(entry);
    }

    private static void common(ByteBuffer b, Entry entry, boolean wide) {
        b.putShort((short) 0)
                .putShort((short) entry.method())
                .putShort((short) 0)
                .putShort(DATE);
        b.putInt((int) entry.crc());
        b.putInt((int) (wide ? ALL_ONES : entry.packed())).putInt((int) (wide ? ALL_ONES : entry.size()));
    }

    private void directory(FileChannel out) throws IOException {
        long start = out.position();
        for (Entry entry : written) {
            byte[] name = entry.name().getBytes(StandardCharsets.UTF_8);
            boolean wide = entry.size() >= ALL_ONES || entry.packed() >= ALL_ONES || entry.header() >= ALL_ONES;
            int extra = wide ? 28 : 0;
            ByteBuffer b = ByteBuffer.allocate(46 + name.length + extra).order(ByteOrder.LITTLE_ENDIAN);
            b.putInt(0x02014b50).putShort((short) 45).putShort((short) (wide ? 45 : 20));
            common(b, entry, wide);
            b.putShort((short) name.length)
                    .putShort((short) extra)
                    .putShort((short) 0)
                    .putShort((short) 0);
            b.putShort((short) 0)
                    .putInt(0)
                    .putInt((int) (wide ? ALL_ONES : entry.header()))
                    .put(name);
            if (wide) {
                b.putShort((short) 1).putShort((short) 24);
                b.putLong(entry.size()).putLong(entry.packed()).putLong(entry.header());
            }
            full(out, b.clear());
        }
        end(out, start, out.position() - start);
    }

    private void end(FileChannel out, long start, long size) throws IOException {
        int count = written.size();
        boolean wide = start >= ALL_ONES || size >= ALL_ONES || count >= 0xffff;
        long position = out.position();
        ByteBuffer b = ByteBuffer.allocate(wide ? 98 : 22).order(ByteOrder.LITTLE_ENDIAN);
        if (wide) {
            b.putInt(0x06064b50)
                    .putLong(44)
                    .putShort((short) 45)
                    .putShort((short) 45)
                    .putInt(0)
                    .putInt(0);
            b.putLong(count).putLong(count).putLong(size).putLong(start);
            b.putInt(0x07064b50).putInt(0).putLong(position).putInt(1);
        }
        short shown = (short) (wide ? 0xffff : count);
        b.putInt(0x06054b50)
                .putShort((short) 0)
                .putShort((short) 0)
                .putShort(shown)
                .putShort(shown);
        b.putInt((int) (wide ? ALL_ONES : size))
                .putInt((int) (wide ? ALL_ONES : start))
                .putShort((short) 0);
        full(out, b.clear());
    }

    private static void full(FileChannel out, ByteBuffer buffer) throws IOException {
        while (buffer.hasRemaining()) {
            out.write(buffer);
        }
    }
}
