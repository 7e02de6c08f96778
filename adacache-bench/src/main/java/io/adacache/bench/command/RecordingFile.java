package io.adacache.bench.command;

import io.adacache.tune.Recording;
import java.nio.file.Files;
import java.nio.file.Path;

/** Recordings that a user names. */
final class RecordingFile {
    /** Which published settings go with it, among what is said about a recording. */
    static final String FAMILY = "family";

    private RecordingFile() {}

    /**
     * Reads a recording.
     *
     * @throws IllegalArgumentException if the file is missing or no recording
     */
    static Recording read(Path file) {
        if (!Files.exists(file)) {
            throw new IllegalArgumentException("There is no recording " + file + "; make one with 'record'");
        }
        return Recording.load(file);
    }
}
