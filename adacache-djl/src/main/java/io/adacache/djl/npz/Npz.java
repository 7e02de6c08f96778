package io.adacache.djl.npz;

import io.adacache.djl.archive.Entry;
import io.adacache.djl.archive.Interrupts;
import io.adacache.djl.archive.Zip;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** A NumPy archive ({@code .npz}, plain or compressed), read whole. Immutable. */
public final class Npz {
    private static final String SUFFIX = ".npy";
    private static final int MAX_ARRAY_BYTES = 1 << 30;

    private final Path file;
    private final Map<String, NpyArray> arrays;

    private Npz(Path file, Map<String, NpyArray> arrays) {
        this.file = file;
        this.arrays = arrays;
    }

    /**
     * Reads a file.
     *
     * @throws IllegalArgumentException if it is missing or no such archive
     */
    public static Npz read(Path file) {
        if (!Files.isRegularFile(file)) {
            throw new IllegalArgumentException("There is no file " + file);
        }
        Map<String, NpyArray> arrays = new LinkedHashMap<>();
        try (Zip zip = Zip.open(file)) {
            for (Entry entry : zip.entries().values()) {
                if (entry.name().endsWith(SUFFIX)) {
                    String name = entry.name().substring(0, entry.name().length() - SUFFIX.length());
                    byte[] content = zip.read(entry, MAX_ARRAY_BYTES);
                    arrays.put(name, NpyArray.parse(content, "'" + name + "' in " + file));
                }
            }
        } catch (IOException e) {
            Interrupts.check(file, e);
            throw new IllegalArgumentException(file + " is no NumPy archive (.npz): " + e.getMessage(), e);
        }
        return new Npz(file, arrays);
    }

    /** Returns the names of the arrays. */
    public Set<String> names() {
        return arrays.keySet();
    }

    /** Returns an array, if there is one of that name. */
    public Optional<NpyArray> find(String name) {
        return Optional.ofNullable(arrays.get(name));
    }

    /**
     * Returns an array.
     *
     * @throws IllegalArgumentException if there is none of that name
     */
    public NpyArray get(String name) {
        return find(name)
                .orElseThrow(() -> new IllegalArgumentException(
                        file + " holds no array '" + name + "'; it holds " + arrays.keySet()));
    }

    @Override
    public String toString() {
        return file + " " + arrays;
    }
}
