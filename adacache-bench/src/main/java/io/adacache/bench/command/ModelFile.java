package io.adacache.bench.command;

import io.adacache.bench.pipeline.TrainedModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Model files by name, and how they are told apart without reading them. */
final class ModelFile {
    private ModelFile() {}

    /** Returns the file that a user means: one of this program's own models, copied out of it, or a file. */
    static Path of(String name) {
        return TrainedModel.find(name).map(TrainedModel::copyOut).orElseGet(() -> Path.of(name));
    }

    /** Returns name, size and time of change; the name alone of what is no file. */
    static String identity(String name) {
        if (TrainedModel.find(name).isPresent()) {
            return name;
        }
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
