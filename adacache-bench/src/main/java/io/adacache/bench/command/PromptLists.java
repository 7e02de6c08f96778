package io.adacache.bench.command;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Lists of prompts: in this program, or in files. */
final class PromptLists {
    private PromptLists() {}

    /** Returns the prompts on which settings are chosen; none of them is compared. */
    static List<String> tuning() throws IOException {
        return bundled("/io/adacache/bench/tuning_prompts.txt");
    }

    private static List<String> bundled(String resource) throws IOException {
        try (InputStream in = PromptLists.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalStateException("This program was built without " + resource + "; give --prompts");
            }
            return lines(new String(in.readAllBytes(), StandardCharsets.UTF_8));
        }
    }

    /**
     * Returns the prompts in a file, one per line.
     *
     * @throws IllegalArgumentException if there is no such file, or it is empty
     */
    static List<String> read(Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new IllegalArgumentException("There is no file of prompts at " + file);
        }
        List<String> lines = lines(Files.readString(file));
        if (lines.isEmpty()) {
            throw new IllegalArgumentException(file + " holds no prompt");
        }
        return lines;
    }

    private static List<String> lines(String text) {
        return text.lines().map(String::strip).filter(line -> !line.isEmpty()).toList();
    }
}
