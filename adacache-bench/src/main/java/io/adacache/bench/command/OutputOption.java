package io.adacache.bench.command;

import io.adacache.bench.files.OutputFile;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Files that were asked for and may be left out. */
final class OutputOption {
    private OutputOption() {}

    /** Returns the file, tried before the work begins; null where none was asked for. */
    static @Nullable OutputFile of(@Nullable Path path) {
        return path == null ? null : OutputFile.at(path);
    }
}
