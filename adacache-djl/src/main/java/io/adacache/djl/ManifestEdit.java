package io.adacache.djl;

import io.adacache.djl.archive.Archive;
import io.adacache.djl.archive.ArchiveException;
import io.adacache.djl.archive.ArchiveWriter;
import io.adacache.djl.archive.EntriesDigest;
import io.adacache.djl.archive.Interrupts;
import io.adacache.djl.archive.WorkFolder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Changes what a model file says of itself and cannot know: steps, prediction, guidance, recommended policies, sampler. Code and
 * weights stay byte for byte what they are; what follows from them (sites, shapes, sizes) cannot be changed here.
 *
 * <p>Collects changes; nothing is written before {@link #write}. Belongs to one thread.
 */
public final class ManifestEdit {
    private final Path file;
    private final Map<String, @Nullable Object> details;

    private ManifestEdit(Path file, Manifest manifest) {
        this.file = file;
        this.details = new LinkedHashMap<>(manifest.details());
    }

    /**
     * Begins with what a model file, or a file that holds a manifest and nothing else, says now.
     *
     * @throws ModelFileException if the file is missing or has no manifest that can be read
     */
    public static ManifestEdit of(Path file) {
        return new ManifestEdit(file, Manifest.read(file));
    }

    /** The family and the model's name, free text for people. */
    public ManifestEdit named(String family, String name) {
        details.put("family", family);
        details.put("name", name);
        return this;
    }

    /** Calls per generation that the checkpoint was published for. */
    public ManifestEdit steps(int steps) {
        details.put("steps", (long) steps);
        return this;
    }

    /** What the model predicts: {@code velocity}, {@code flow}, {@code noise} or {@code clean}. */
    public ManifestEdit prediction(String type) {
        within("prediction").put("type", type);
        return this;
    }

    /** How guidance is batched; {@link Manifest.Guidance#NONE} where the model has none. */
    public ManifestEdit guidance(Manifest.Guidance guidance) {
        if (guidance.order().equals(Manifest.Guidance.NONE.order())) {
            details.remove("guidance");
        } else {
            details.put("guidance", Map.of("order", guidance.order(), "scale", guidance.scale()));
        }
        return this;
    }

    /**
     * Settings that the model recommends for a policy, in the place of those that it recommended before.
     *
     * @param policy the policy's name, or {@code name@steps}
     * @param settings values by setting; none takes the recommendation away
     */
    public ManifestEdit recommend(String policy, Map<String, String> settings) {
        Map<String, @Nullable Object> policies = within("policies");
        if (settings.isEmpty()) {
            policies.remove(policy);
        } else {
            policies.put(policy, new LinkedHashMap<>(settings));
        }
        return this;
    }

    /**
     * A tier that services ask for by name, in the place of one of that name.
     *
     * @throws IllegalArgumentException if the name is no name for a tier
     */
    public ManifestEdit tier(String name, Manifest.Tier tier) {
        TierCodec.checkName(name);
        within("tiers").put(name, TierCodec.write(tier));
        return this;
    }

    /**
     * How the model is sampled beside steps and guidance: {@code sampler}, {@code shift}, {@code guidance-calls}, {@code expert},
     * {@code boundary}. Read by programs around the library, not by it.
     *
     * @param value a string, whole number ({@code Long}), number ({@code Double}) or truth; null takes the setting away
     * @throws IllegalArgumentException if there is no such setting
     */
    public ManifestEdit sampling(String setting, @Nullable Object value) {
        if (value != null && !ManifestCodec.SAMPLING.contains(setting)) {
            throw new IllegalArgumentException(
                    "'sampling' has no setting '" + setting + "'; it has " + String.join(", ", ManifestCodec.SAMPLING));
        }
        Map<String, @Nullable Object> sampling = within("sampling");
        if (value == null) {
            sampling.remove(setting);
        } else {
            sampling.put(setting, value);
        }
        return this;
    }

    /**
     * The role of an input, where it was guessed wrongly.
     *
     * @throws IllegalArgumentException if there is no such input or role, or the role is {@code latent} or was
     */
    public ManifestEdit role(String input, String role) {
        Manifest.Input.checkRole(role);
        List<@Nullable Object> inputs = new ArrayList<>();
        boolean found = false;
        for (Object each : (List<?>) Objects.requireNonNull(details.get("inputs"))) {
            Map<String, @Nullable Object> fields = copy(each);
            if (input.equals(fields.get("name"))) {
                if (role.equals("latent") || "latent".equals(fields.get("role"))) {
                    throw new IllegalArgumentException(
                            "Which input is the latent follows from the file's code (the methods"
                                    + " were written for it); instrument the traced file again and name the latent there");
                }
                fields.put("role", role);
                found = true;
            }
            inputs.add(fields);
        }
        if (!found) {
            throw new IllegalArgumentException("The model has no input '" + input + "': it takes "
                    + Manifest.read(file).inputs());
        }
        details.put("inputs", inputs);
        return this;
    }

    /**
     * The digest of the file's entries, which says that each is the one that was written under its name; every byte is held against
     * its checksum first. Files that were written before there was one have none. A digest that is there is never replaced: where it
     * is not that of the entries, the file is not what it was.
     *
     * @throws ModelFileException if the file is damaged, holds a manifest and nothing else, or has another digest
     */
    public ManifestEdit digest() {
        if (ModelFile.isBareManifest(file)) {
            throw new ModelFileException(file + " is a manifest without a model; its exporter writes the digest");
        }
        ModelFile.checked(file, TorchScriptTransformer.Checks.ALL);
        try (Archive archive = Archive.open(file)) {
            details.put("digest", EntriesDigest.of(archive));
        } catch (IOException e) {
            Interrupts.check(file, e);
            throw new ModelFileException(file + ": " + e.getMessage(), e);
        }
        return this;
    }

    private Map<String, @Nullable Object> within(String field) {
        Map<String, @Nullable Object> copy = copy(details.getOrDefault(field, Map.of()));
        details.put(field, copy);
        return copy;
    }

    private static Map<String, @Nullable Object> copy(@Nullable Object object) {
        Map<String, @Nullable Object> copy = new LinkedHashMap<>();
        ((Map<?, ?>) Objects.requireNonNull(object)).forEach((name, value) -> copy.put((String) name, value));
        return copy;
    }

    /**
     * Returns the manifest with the changes.
     *
     * @throws ModelFileException if it is not consistent; the message names the field
     */
    public Manifest manifest() {
        return ManifestCodec.changed(details, "The changed manifest of " + file);
    }

    /**
     * Writes a file with the changed manifest; it appears whole or not at all.
     *
     * @param target the new file; may be the one that was read
     * @param overwrite whether a file that is there may be replaced
     * @throws ModelFileException if the manifest is not consistent, or the target is there and may not be replaced
     * @throws IOException if a file cannot be read or written
     */
    public void write(Path target, boolean overwrite) throws IOException {
        String text = manifest().json();
        if (Files.exists(target) && !(overwrite && Files.isRegularFile(target))) {
            throw new ModelFileException(target + " exists already; say that it may be replaced, or give another name");
        }
        Path folder = target.toAbsolutePath().getParent();
        if (folder == null || !Files.isDirectory(folder)) {
            throw new ModelFileException("The folder of " + target + " does not exist");
        }
        WorkFolder.beside(target, work -> {
            Path unfinished = work.resolve("changed.pt");
            if (ModelFile.isBareManifest(file)) {
                Files.writeString(unfinished, text);
            } else {
                copy(unfinished, text);
            }
            return Files.move(unfinished, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        });
    }

    private void copy(Path unfinished, String text) throws IOException {
        byte[] manifest = text.getBytes(StandardCharsets.UTF_8);
        try (Archive archive = Archive.open(file)) {
            ArchiveWriter.copy(archive, unfinished, Map.of(Archive.MANIFEST, manifest), Set.of());
        } catch (ArchiveException e) {
            Interrupts.check(file, e);
            throw new ModelFileException(file + ": " + e.getMessage(), e);
        }
    }
}
