package io.adacache.bench.command;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Tells model files apart without reading them. */
final class ModelFile {
    private ModelFile() {}

    /** Returns name, size and time of change; the name alone of what is no file. */
    static String identity(String name) {
        Path file = Path.of(name);
        try {
            return Files.isRegularFile(file)
                    ? file.toRealPath() + ", " + Files.size(file) + " bytes, " + Files.getLastModifiedTime(file)
                    : name;
        } catch (IOException e) {
            return name;
        }
    }
}
