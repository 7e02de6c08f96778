package io.adacache.bench.files;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.GZIPInputStream;

/** Data that this program carries. */
public final class Resources {
    private static final String PACKED = ".gz";

    private Resources() {}

    /**
     * Returns a resource's text.
     *
     * @param name from the root of the class path, with a leading slash
     */
    public static String text(String name) {
        try (InputStream in = Resources.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException("This program was built without " + name);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new IllegalStateException(name + " cannot be read out of this program: " + e, e);
        }
    }

    /**
     * Copies a resource out of the program, because the engine loads files only; the copy is deleted when the program ends. What is
     * called {@code .gz} is unpacked.
     *
     * @param name from the root of the class path, with a leading slash
     */
    public static Path copyOut(String name) {
        try (InputStream stored = Resources.class.getResourceAsStream(name)) {
            if (stored == null) {
                throw new IllegalStateException("This program was built without " + name);
            }
            InputStream in = name.endsWith(PACKED) ? new GZIPInputStream(stored) : stored;
            Path folder = Files.createTempDirectory("adacache");
            String file = name.substring(name.lastIndexOf('/') + 1);
            Path copy =
                    folder.resolve(file.endsWith(PACKED) ? file.substring(0, file.length() - PACKED.length()) : file);
            // Deleted in reverse order: the file, then its folder.
            folder.toFile().deleteOnExit();
            copy.toFile().deleteOnExit();
            Files.copy(in, copy);
            return copy;
        } catch (IOException e) {
            String folder = System.getProperty("java.io.tmpdir");
            throw new IllegalStateException(
                    name + " cannot be copied out of the program to " + folder + ": " + FileFault.reason(folder, e)
                            + " (-Djava.io.tmpdir names another folder)",
                    e);
        }
    }

    /** Returns the lines of a resource but for empty ones and those that begin with {@code #}. */
    public static List<String> lines(String name) {
        return text(name)
                .lines()
                .map(String::strip)
                .filter(line -> !line.isEmpty() && !line.startsWith("#"))
                .toList();
    }
}
