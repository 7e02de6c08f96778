package io.adacache.djl.archive;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Reads a zip file's central directory and checks every figure in it against the file before anything is believed. */
final class ZipDirectory {
    private static final int END = 0x06054b50;
    private static final int END64 = 0x06064b50;
    private static final int END64_LOCATOR = 0x07064b50;
    private static final int CENTRAL = 0x02014b50;
    private static final int LOCAL = 0x04034b50;
    private static final int MAX_ENTRIES = 500_000;
    private static final long MAX_DIRECTORY = 64L << 20;
    private static final int MAX_NAME = 1024;
    /** Deflate makes at most 258 bytes out of two bits. */
    private static final long MOST_DEFLATED = 1032;

    private static final long ALL_ONES = 0xffffffffL;

    private final FileChannel channel;
    private final long length;

    ZipDirectory(FileChannel channel) throws IOException {
        this.channel = channel;
        this.length = channel.size();
    }

    List<Entry> entries() throws IOException {
        ByteBuffer tail = read(Math.max(0, length - 22 - 65535), (int) Math.min(length, 22 + 65535));
        int at = endRecord(tail);
        long count = tail.getShort(at + 10) & 0xffff;
        long size = tail.getInt(at + 12) & ALL_ONES;
        long offset = tail.getInt(at + 16) & ALL_ONES;
        long limit = length - tail.limit() + at;
        if (at >= 20 && tail.getInt(at - 20) == END64_LOCATOR) {
            long position = tail.getLong(at - 20 + 8);
            ByteBuffer end64 = read(position, 56);
            require(end64.getInt(0) == END64, "the zip64 end record is damaged");
            count = end64.getLong(32);
            size = end64.getLong(40);
            offset = end64.getLong(48);
            limit = position;
        }
        require(count > 0 && count <= MAX_ENTRIES, "the directory names " + count + " entries");
        require(size >= 0 && size <= MAX_DIRECTORY, "the directory is " + size + " bytes long");
        require(offset >= 0 && offset + size == limit, "the directory is not where the end record says");
        List<Entry> entries = directory(read(offset, (int) size), (int) count, offset);
        apart(entries, offset);
        return entries;
    }

    private int endRecord(ByteBuffer tail) throws ArchiveException {
        for (int at = tail.limit() - 22; at >= 0; at--) {
            if (tail.getInt(at) == END && (tail.getShort(at + 20) & 0xffff) == tail.limit() - at - 22) {
                return at;
            }
        }
        throw new ArchiveException("no zip archive, or cut off: its directory is missing");
    }

    private List<Entry> directory(ByteBuffer bytes, int count, long limit) throws IOException {
        List<Entry> entries = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (int i = 0; i < count; i++) {
            require(bytes.remaining() >= 46 && bytes.getInt(bytes.position()) == CENTRAL, "the directory is damaged");
            Entry entry = entry(bytes, limit);
            require(names.add(entry.name()), "entry " + entry.name() + " stands twice in the directory");
            entries.add(entry);
        }
        require(!bytes.hasRemaining(), "the directory is longer than its entries");
        return entries;
    }

    private Entry entry(ByteBuffer bytes, long limit) throws IOException {
        int at = bytes.position();
        int flags = bytes.getShort(at + 8);
        int method = bytes.getShort(at + 10);
        long crc = bytes.getInt(at + 16) & ALL_ONES;
        long packed = bytes.getInt(at + 20) & ALL_ONES;
        long size = bytes.getInt(at + 24) & ALL_ONES;
        int nameLength = bytes.getShort(at + 28) & 0xffff;
        int extra = bytes.getShort(at + 30) & 0xffff;
        int comment = bytes.getShort(at + 32) & 0xffff;
        long header = bytes.getInt(at + 42) & ALL_ONES;
        require(bytes.remaining() >= 46 + nameLength + extra + comment, "the directory is damaged");
        byte[] raw = new byte[nameLength];
        bytes.position(at + 46).get(raw);
        String name = name(raw);
        for (int p = at + 46 + nameLength, end = p + extra; p + 4 <= end; ) {
            int tag = bytes.getShort(p) & 0xffff;
            int next = p + 4 + (bytes.getShort(p + 2) & 0xffff);
            require(next <= end, "entry " + name + ": damaged extra field");
            int field = p + 4;
            if (tag == 1) {
                if (size == ALL_ONES) {
                    size = wide(bytes, field, next, name);
                    field += 8;
                }
                if (packed == ALL_ONES) {
                    packed = wide(bytes, field, next, name);
                    field += 8;
                }
                if (header == ALL_ONES) {
                    header = wide(bytes, field, next, name);
                }
            }
            p = next;
        }
        bytes.position(at + 46 + nameLength + extra + comment);
        require((flags & 1) == 0, "entry " + name + " is encrypted");
        require(
                method == Entry.STORED || method == Entry.DEFLATED,
                "entry " + name + ": unknown compression " + method);
        require(method != Entry.STORED || packed == size, "entry " + name + ": stored, yet of two sizes");
        require(
                method != Entry.DEFLATED || size / MOST_DEFLATED <= packed,
                "entry " + name + " claims more bytes than can be packed into so few");
        require(
                packed >= 0 && size >= 0 && header >= 0 && header + 30 <= limit,
                "entry " + name + " lies outside of the file");
        return new Entry(name, method, crc, packed, size, header, data(name, raw, header, packed, limit));
    }

    private static long wide(ByteBuffer bytes, int at, int end, String name) throws ArchiveException {
        require(at + 8 <= end, "entry " + name + ": damaged extra field");
        return bytes.getLong(at);
    }

    private static String name(byte[] raw) throws ArchiveException {
        String name = new String(raw, StandardCharsets.UTF_8);
        require(!name.isEmpty() && name.length() <= MAX_NAME, "an entry's name has " + name.length() + " characters");
        // Torch names the folder after the file, in whatever letters; a terminal must not act on what is printed.
        boolean printable = name.codePoints().noneMatch(ZipDirectory::unprintable);
        require(
                printable && name.indexOf('\\') < 0,
                "entry " + (printable ? name : "with unprintable name")
                        + ": characters that no TorchScript archive uses");
        boolean outside = name.startsWith("/") || (name.length() > 1 && name.charAt(1) == ':');
        for (String part : name.split("/", -1)) {
            outside |= part.equals("..") || part.equals(".") || part.isEmpty();
        }
        require(!outside, "entry " + name + " points outside of the archive");
        return name;
    }

    private static boolean unprintable(int codePoint) {
        return switch (Character.getType(codePoint)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> true;
            default -> codePoint == 0xFFFD;
        };
    }

    /** The local header must say the same name, for libtorch and this reader must see the same bytes. */
    private long data(String name, byte[] raw, long header, long packed, long limit) throws IOException {
        ByteBuffer local = read(header, 30);
        int nameLength = local.getShort(26) & 0xffff;
        int extra = local.getShort(28) & 0xffff;
        require(local.getInt(0) == LOCAL && nameLength == raw.length, "entry " + name + ": damaged local header");
        ByteBuffer localName = read(header + 30, nameLength);
        require(localName.equals(ByteBuffer.wrap(raw)), "entry " + name + " has another name in its local header");
        long data = header + 30 + nameLength + extra;
        require(packed <= limit - data, "entry " + name + " lies outside of the file");
        return data;
    }

    private static void apart(List<Entry> entries, long limit) throws ArchiveException {
        List<Entry> sorted = new ArrayList<>(entries);
        sorted.sort(Comparator.comparingLong(Entry::header));
        for (int i = 0; i < sorted.size(); i++) {
            Entry entry = sorted.get(i);
            long next = i + 1 < sorted.size() ? sorted.get(i + 1).header() : limit;
            require(entry.data() + entry.packed() <= next, "entry " + entry.name() + " overlaps another one");
        }
    }

    private ByteBuffer read(long position, int bytes) throws IOException {
        require(position >= 0 && bytes >= 0 && position <= length - bytes, "the file is cut off");
        ByteBuffer buffer = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
        while (buffer.hasRemaining()) {
            require(channel.read(buffer, position + buffer.position()) > 0, "the file is cut off");
        }
        return buffer.flip();
    }

    private static void require(boolean fact, String problem) throws ArchiveException {
        if (!fact) {
            throw new ArchiveException(problem);
        }
    }
}
