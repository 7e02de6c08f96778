package io.adacache.bench.files;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Reads text that a user gives. */
public final class InputFile {
    private InputFile() {}

    /**
     * Returns a file's text.
     *
     * @throws IllegalArgumentException if it is missing, a folder, not to be read, or no UTF-8
     */
    public static String text(Path file) {
        return text(file, "There is no file " + file);
    }

    /**
     * Returns a file's text.
     *
     * @param missing what to say where there is none
     * @throws IllegalArgumentException if it is missing, a folder, not to be read, or no UTF-8
     */
    public static String text(Path file, String missing) {
        if (!Files.exists(file)) {
            throw new IllegalArgumentException(missing);
        }
        if (Files.isDirectory(file)) {
            throw new IllegalArgumentException(file + " is a folder; a file is needed");
        }
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new IllegalArgumentException(file + " cannot be read: " + FileFault.reason(file.toString(), e), e);
        }
    }
}
