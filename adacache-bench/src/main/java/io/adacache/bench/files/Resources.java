package io.adacache.bench.files;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Data that this program carries. */
public final class Resources {
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

    /** Returns the lines of a resource but for empty ones and those that begin with {@code #}. */
    public static List<String> lines(String name) {
        return text(name)
                .lines()
                .map(String::strip)
                .filter(line -> !line.isEmpty() && !line.startsWith("#"))
                .toList();
    }
}
