package io.adacache.djl.archive;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/** A TorchScript archive opened for reading; nothing in it is trusted. Belongs to one thread. */
public final class Archive implements Closeable {
    /** The extra file that makes a model file AdaCache-ready. */
    public static final String MANIFEST_FILE = "adacache.json";

    /** Entry of {@link #MANIFEST_FILE} within the archive's folder. */
    public static final String MANIFEST = "extra/" + MANIFEST_FILE;

    private static final int CHUNK = 1 << 20;

    private final FileChannel channel;
    private final Map<String, Entry> entries = new LinkedHashMap<>();
    private final String folder;

    private Archive(FileChannel channel) throws IOException {
        this.channel = channel;
        List<Entry> all = new ZipDirectory(channel).entries();
        String first = all.get(0).name();
        if (first.indexOf('/') <= 0) {
            throw new ArchiveException("no TorchScript archive: entry " + first + " is in no folder");
        }
        this.folder = first.substring(0, first.indexOf('/') + 1);
        for (Entry entry : all) {
            if (!entry.name().startsWith(folder)) {
                throw new ArchiveException("entry " + entry.name() + " is not in the archive's folder " + folder);
            }
            entries.put(entry.name().substring(folder.length()), entry);
        }
    }

    /**
     * Opens an archive and checks its directory.
     *
     * @throws ArchiveException if the directory is damaged, or names something unsafe
     * @throws IOException if the file cannot be read
     */
    public static Archive open(Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new ArchiveException(file + " is no file");
        }
        FileChannel channel = FileChannel.open(file);
        try {
            return new Archive(channel);
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    /** The top folder that all entries share, with its slash. */
    public String folder() {
        return folder;
    }

    /** Entries by name within {@link #folder()}, in the order of the directory. */
    public Map<String, Entry> entries() {
        return java.util.Collections.unmodifiableMap(entries);
    }

    /**
     * The content of an entry, checked against its CRC.
     *
     * @throws ArchiveException if it is missing, larger than {@code limit}, or damaged
     */
    public byte[] read(String name, int limit) throws IOException {
        Entry entry = entries.get(name);
        if (entry == null) {
            throw new ArchiveException("entry " + name + " is missing");
        }
        if (entry.size() > limit) {
            throw new ArchiveException(
                    "entry " + name + " has " + entry.size() + " bytes; at most " + limit + " are read");
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
        byte[] chunk = new byte[(int) Math.min(CHUNK, Math.max(1, entry.packed()))];
        for (long done = 0; done < entry.packed(); ) {
            int count = chunk(entry, done, chunk);
            sink.accept(chunk, count);
            done += count;
        }
    }

    private int chunk(Entry entry, long done, byte[] chunk) throws IOException {
        int count = (int) Math.min(chunk.length, entry.packed() - done);
        ByteBuffer buffer = ByteBuffer.wrap(chunk, 0, count);
        int read = channel.read(buffer, entry.data() + done);
        if (read <= 0) {
            throw new ArchiveException("entry " + entry.name() + " is cut off");
        }
        return read;
    }

    private void inflated(Entry entry, Sink sink, long[] total) throws IOException {
        Inflater inflater = new Inflater(true);
        try {
            byte[] in = new byte[(int) Math.min(CHUNK, Math.max(1, entry.packed()))];
            byte[] out = new byte[1 << 16];
            long done = 0;
            while (!inflater.finished() && total[0] <= entry.size()) {
                if (inflater.needsInput()) {
                    if (done == entry.packed()) {
                        break;
                    }
                    int count = chunk(entry, done, in);
                    inflater.setInput(in, 0, count);
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
