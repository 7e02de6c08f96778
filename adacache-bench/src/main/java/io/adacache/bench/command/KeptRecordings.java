package io.adacache.bench.command;

import io.adacache.bench.files.OutputFolder;
import io.adacache.tune.Recording;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Recordings of a long run, kept one by one where the user wants that: interrupted, the same command goes on. */
final class KeptRecordings implements AutoCloseable {
    private final @Nullable OutputFolder folder;

    private KeptRecordings(@Nullable OutputFolder folder) {
        this.folder = folder;
    }

    /** Opens the folder, if one is named. */
    static KeptRecordings in(@Nullable Path path) {
        return new KeptRecordings(path == null ? null : OutputFolder.open(path));
    }

    /**
     * Returns a recording that is kept, or makes and keeps it.
     *
     * @param number of the recording, from 1
     * @param about all that tells it from others
     * @throws IllegalArgumentException if one of something else is kept in its place
     */
    Recording get(int number, Map<String, String> about, Supplier<Recording> made) {
        OutputFolder place = folder;
        if (place == null) {
            return made.get();
        }
        String name = String.format(Locale.ROOT, "recording-%03d.json", number);
        Path file = place.path().resolve(name);
        if (Files.exists(file)) {
            Recording kept = RecordingFile.read(file);
            if (!kept.about().equals(about)) {
                throw new IllegalArgumentException(file + " is a recording of something else (" + kept.about()
                        + "); name another folder, or remove it");
            }
            return kept;
        }
        Recording recording = made.get().withAbout(about);
        place.file(name).write(recording.json());
        return recording;
    }

    @Override
    public void close() {
        if (folder != null) {
            folder.close();
        }
    }
}
