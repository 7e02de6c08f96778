package io.adacache.bench.command;

import io.adacache.bench.files.InputFile;
import io.adacache.bench.files.Resources;
import java.nio.file.Path;
import java.util.List;

/** Lists of prompts: in this program, or in files. */
final class PromptLists {
    private PromptLists() {}

    /** Returns the prompts that the demo shows. */
    static List<String> demo() {
        return Resources.lines("/io/adacache/bench/demo_prompts.txt");
    }

    /** Returns the prompts on which settings are chosen; none of them is compared. */
    static List<String> tuning() {
        return Resources.lines("/io/adacache/bench/tuning_prompts.txt");
    }

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
