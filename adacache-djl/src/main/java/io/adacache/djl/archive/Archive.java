package io.adacache.djl.archive;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** A TorchScript archive opened for reading: a zip whose entries all lie in one folder. Belongs to one thread. */
public final class Archive implements Closeable {
    /** The extra file that makes a model file AdaCache-ready. */
    public static final String MANIFEST_FILE = "adacache.json";

    /** Entry of {@link #MANIFEST_FILE} within the archive's folder. */
    public static final String MANIFEST = "extra/" + MANIFEST_FILE;

    private final Zip zip;
    private final Map<String, Entry> entries = new LinkedHashMap<>();
    private final String folder;

    private Archive(Zip zip) throws ArchiveException {
        this.zip = zip;
        String first = zip.entries().keySet().iterator().next();
        if (first.indexOf('/') <= 0) {
            throw new ArchiveException("no TorchScript archive: entry " + first + " is in no folder");
        }
        this.folder = first.substring(0, first.indexOf('/') + 1);
        for (Entry entry : zip.entries().values()) {
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
        Zip zip = Zip.open(file);
        try {
            return new Archive(zip);
        } catch (IOException | RuntimeException e) {
            zip.close();
            throw e;
        }
    }

    /** The top folder that all entries share, with its slash. */
    public String folder() {
        return folder;
    }

    /** Entries by name within {@link #folder()}, in the order of the directory. */
    public Map<String, Entry> entries() {
        return Collections.unmodifiableMap(entries);
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
        return zip.read(entry, limit);
    }

    /**
     * Reads every entry once and compares its CRC.
     *
     * @throws ArchiveException if one differs
     */
    public void checkAll() throws IOException {
        zip.checkAll();
    }

    FileChannel channel() {
        return zip.channel();
    }

    @Override
    public void close() throws IOException {
        zip.close();
    }
}
