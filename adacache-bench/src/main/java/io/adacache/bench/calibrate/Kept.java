package io.adacache.bench.calibrate;

import io.adacache.Calibration;
import io.adacache.bench.files.Json;
import io.adacache.bench.files.OutputFolder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.zip.CRC32;

/**
 * Generations of a calibration in its folder: one that was interrupted goes on, and one with another wish need not generate again what
 * an earlier one has. What was made with other settings lies in another folder, so nothing is mixed.
 */
public final class Kept implements Calibration.Keep {
    private static final String PLAN = "plan.json";

    private final OutputFolder folder;
    private final String name;

    /**
     * Opens what there is.
     *
     * @param plan all that the generations depend on, by name
     */
    public Kept(OutputFolder folder, Map<String, Object> plan) {
        this.folder = folder;
        String text = Json.text(plan);
        CRC32 sum = new CRC32();
        sum.update(text.getBytes(StandardCharsets.UTF_8));
        this.name = String.format(Locale.ROOT, "kept-%08x", sum.getValue());
        folder.file(name + "/" + PLAN).write(text);
    }

    /** Returns how many files there are. */
    public int size() {
        return folder.names(name).size() - 1;
    }

    /** Returns where they are. */
    public Path path() {
        return folder.path().resolve(name);
    }

    @Override
    public Optional<byte[]> find(String file) {
        Path path = path().resolve(file);
        try {
            return Files.exists(path) ? Optional.of(Files.readAllBytes(path)) : Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void keep(String file, byte[] content) {
        folder.file(name + "/" + file).write(content);
    }
}
