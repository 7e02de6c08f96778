package io.adacache.djl;

import io.adacache.djl.Manifest.Tier;
import io.adacache.djl.archive.WorkFolder;
import io.adacache.djl.manifest.Fields;
import io.adacache.djl.manifest.ManifestException;
import io.adacache.djl.manifest.PlainJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The small file beside a model file that holds its tiers: {@code model.pt.tiers.json} beside {@code model.pt}. */
final class TierFile {
    private static final String SUFFIX = ".tiers.json";
    private static final String FORMAT = "adacache-tiers";
    private static final int VERSION = 1;
    private static final long MAX_BYTES = 1 << 20;

    private TierFile() {}

    static Path of(Path model) {
        Path whole = model.toAbsolutePath();
        return whole.resolveSibling(whole.getFileName() + SUFFIX);
    }

    static Map<String, Tier> read(Path model) {
        Path file = of(model);
        if (!Files.exists(file)) {
            return Map.of();
        }
        try {
            if (Files.size(file) > MAX_BYTES) {
                throw new ModelFileException(
                        file + " is longer than " + MAX_BYTES + " bytes, which no file of tiers is");
            }
            Fields json = Fields.of(PlainJson.parse(Files.readString(file)));
            if (!json.text("format").equals(FORMAT) || json.whole("version", 0, Long.MAX_VALUE) != VERSION) {
                throw new ManifestException("does not begin as one that this version can read");
            }
            return TierCodec.read(json.object("tiers"));
        } catch (ManifestException e) {
            throw new ModelFileException(
                    file + " holds no tiers: it " + e.getMessage() + ". Calibrate again, or remove it", e);
        } catch (IOException e) {
            throw new ModelFileException(file + " cannot be read: " + e.getMessage(), e);
        }
    }

    static Path write(Path model, String name, Tier tier) throws IOException {
        TierCodec.checkName(name);
        Map<String, Tier> tiers = new LinkedHashMap<>(read(model));
        tiers.put(name, tier);
        Map<String, @Nullable Object> all = new LinkedHashMap<>();
        tiers.forEach((each, value) -> all.put(each, TierCodec.write(value)));
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("format", FORMAT);
        json.put("version", (long) VERSION);
        json.put("tiers", all);
        Path file = of(model);
        return WorkFolder.beside(file, work -> {
            Path unfinished = work.resolve(file.getFileName());
            Files.writeString(unfinished, PlainJson.write(json));
            return Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        });
    }
}
