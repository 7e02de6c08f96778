package io.adacache.djl.archive;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/** A zip file opened for reading; nothing in it is trusted, and never more is read than asked for. Belongs to one thread. */
public final class Zip implements Closeable {
    /** Bytes that are read at a time. One buffer serves all entries: checking a file of gigabytes makes no garbage. */
    private static final int CHUNK = 1 << 18;

    private final FileChannel channel;
    private final Map<String, Entry> entries = new LinkedHashMap<>();
    private final byte[] packed = new byte[CHUNK];

    private Zip(FileChannel channel) throws IOException {
        this.channel = channel;
        new ZipDirectory(channel).entries().forEach(entry -> entries.put(entry.name(), entry));
    }

    /**
     * Opens a file and checks its directory.
     *
     * @throws ArchiveException if the directory is damaged, or names something unsafe
     * @throws IOException if the file cannot be read
     */
    public static Zip open(Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new ArchiveException(file + " is no file");
        }
        FileChannel channel = FileChannel.open(file);
        try {
            return new Zip(channel);
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    /** Entries by name, in the order of the directory. */
    public Map<String, Entry> entries() {
        return Collections.unmodifiableMap(entries);
    }

    /**
     * The content of an entry, checked against its CRC.
     *
     * @throws ArchiveException if it is larger than {@code limit}, or damaged
     */
    public byte[] read(Entry entry, int limit) throws IOException {
        if (entry.size() > limit) {
            throw new ArchiveException(
                    "entry " + entry.name() + " has " + entry.size() + " bytes; at most " + limit + " are read");
        }
        byte[] content = new byte[(int) entry.size()];
        int[] filled = {0};
        stream(entry, (bytes, count) -> {
            System.arraycopy(bytes, 0, content, filled[0], count);
            filled[0] += count;
        });
        return content;
    }

    /**
     * Reads every entry once and compares its CRC.
     *
     * @throws ArchiveException if one differs
     */
    public void checkAll() throws IOException {
        for (Entry entry : entries.values()) {
            stream(entry, (bytes, count) -> {});
        }
    }

    private interface Sink {
        void accept(byte[] bytes, int count);
    }

    private void stream(Entry entry, Sink sink) throws IOException {
        CRC32 crc = new CRC32();
        long[] total = {0};
        Sink counted = (bytes, count) -> {
            crc.update(bytes, 0, count);
            total[0] += count;
            if (total[0] <= entry.size()) {
                sink.accept(bytes, count);
            }
        };
        if (entry.method() == Entry.STORED) {
            stored(entry, counted);
        } else {
            inflated(entry, counted, total);
        }
        if (total[0] != entry.size() || crc.getValue() != entry.crc()) {
            throw new ArchiveException("entry " + entry.name() + " is damaged: its checksum or size differs");
        }
    }

    private void stored(Entry entry, Sink sink) throws IOException {
        for (long done = 0; done < entry.packed(); ) {
            int count = chunk(entry, done);
            sink.accept(packed, count);
            done += count;
        }
    }

    private int chunk(Entry entry, long done) throws IOException {
        int count = (int) Math.min(packed.length, entry.packed() - done);
        ByteBuffer buffer = ByteBuffer.wrap(packed, 0, count);
        int read = channel.read(buffer, entry.data() + done);
        if (read <= 0) {
            throw new ArchiveException("entry " + entry.name() + " is cut off");
        }
        return read;
    }

    private void inflated(Entry entry, Sink sink, long[] total) throws IOException {
        Inflater inflater = new Inflater(true);
        try {
            byte[] out = new byte[1 << 16];
            long done = 0;
            while (!inflater.finished() && total[0] <= entry.size()) {
                if (inflater.needsInput()) {
                    if (done == entry.packed()) {
                        break;
                    }
                    int count = chunk(entry, done);
                    inflater.setInput(packed, 0, count);
                    done += count;
                }
                int count = inflater.inflate(out);
                if (count == 0 && inflater.needsDictionary()) {
                    break;
                }
                sink.accept(out, count);
            }
        } catch (DataFormatException e) {
            throw new ArchiveException("entry " + entry.name() + " is damaged: " + e.getMessage(), e);
        } finally {
            inflater.end();
        }
    }

    FileChannel channel() {
        return channel;
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
