package io.adacache.bench.command;

import io.adacache.bench.files.InputFile;
import java.nio.file.Path;
import java.util.List;

/** Lists of prompts in files. */
final class PromptLists {
    private PromptLists() {}

    /**
     * Returns the prompts in a file, one per line.
     *
     * @throws IllegalArgumentException if there is no such file, or it is empty
     */
    static List<String> read(Path file) {
        List<String> lines = InputFile.text(file, "There is no file of prompts at " + file)
                .lines()
                .map(String::strip)
                .filter(line -> !line.isEmpty())
                .toList();
        if (lines.isEmpty()) {
            throw new IllegalArgumentException(file + " holds no prompt");
        }
        return lines;
    }
}
