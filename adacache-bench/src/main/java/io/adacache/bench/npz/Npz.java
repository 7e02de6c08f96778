package io.adacache.bench.npz;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Enumeration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/** A NumPy archive ({@code .npz}, plain or compressed), read whole. Immutable. */
public final class Npz {
    private static final String SUFFIX = ".npy";

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
        try (ZipFile zip = new ZipFile(file.toFile())) {
            Enumeration<? extends ZipEntry> entries = zip.entries();
            while (entries.hasMoreElements()) {
                ZipEntry entry = entries.nextElement();
                if (entry.getName().endsWith(SUFFIX)) {
                    String name = entry.getName().substring(0, entry.getName().length() - SUFFIX.length());
                    try (InputStream in = zip.getInputStream(entry)) {
                        arrays.put(name, NpyArray.parse(in.readAllBytes(), "'" + name + "' in " + file));
                    }
                }
            }
        } catch (IOException e) {
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
