package io.adacache.djl.engine;

import ai.djl.Device;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** Scripted helpers that ship inside the jar: libtorch loads them from a file, which is deleted at once. */
public final class Unpacked {
    private Unpacked() {}

    /**
     * Loads helpers.
     *
     * @param owner beside which class the resource lies
     * @throws IllegalStateException if the temporary folder cannot be written, or the engine does not start; the message says what to
     *     do
     */
    public static Script load(Gate gate, Class<?> owner, String name, Device device) {
        try (InputStream resource = owner.getResourceAsStream(name)) {
            Path file = Files.createTempFile("adacache-", name);
            try {
                Files.copy(resource, file, StandardCopyOption.REPLACE_EXISTING);
                return Script.load(gate, file, device);
            } finally {
                Files.delete(file);
            }
        } catch (IOException | UncheckedIOException e) {
            throw new IllegalStateException(
                    "The scripted tensor operations could not be unpacked to the temporary folder "
                            + System.getProperty("java.io.tmpdir") + " (" + e.getMessage()
                            + "); -Djava.io.tmpdir must name a writable one",
                    e);
        }
    }
}
