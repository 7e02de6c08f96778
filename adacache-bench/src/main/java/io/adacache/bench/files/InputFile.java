package io.adacache.bench.files;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Reads text that a user gives. */
public final class InputFile {
    private static final int LARGEST = 64 << 20;

    private InputFile() {}

    /** Throws {@link IllegalArgumentException} if there is no file at a path, or it is a folder. */
    public static void check(Path file, String missing) {
        if (!Files.exists(file)) {
            throw new IllegalArgumentException(missing);
        }
        if (Files.isDirectory(file)) {
            throw new IllegalArgumentException(file + " is a folder; a file is needed");
        }
    }

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
        check(file, missing);
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(LARGEST + 1);
            if (bytes.length > LARGEST) {
                throw new IllegalArgumentException(
                        file + " is longer than " + LARGEST + " bytes; it is no text for this");
            }
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (IOException e) {
            throw new IllegalArgumentException(file + " cannot be read: " + FileFault.reason(file.toString(), e), e);
        }
    }
}
