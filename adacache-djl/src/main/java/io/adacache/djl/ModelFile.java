package io.adacache.djl;

import io.adacache.djl.archive.Archive;
import io.adacache.djl.archive.ArchiveException;
import io.adacache.djl.archive.EntriesDigest;
import io.adacache.djl.archive.Interrupts;
import io.adacache.djl.archive.PickleReader;
import io.adacache.djl.archive.PickledObject;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A look into a model file before anything native reads it. */
final class ModelFile {
    private static final int MAX_MANIFEST_BYTES = 4 << 20;

    private static final int SHOWN = 12;
    private static final int MAX_PICKLE_BYTES = 64 << 20;

    private ModelFile() {}

    /**
     * Returns the manifest of a model file, or of a file that holds a manifest and nothing else; empty if the file is opaque.
     *
     * @throws ModelFileException if the file is missing, neither of the two, or its manifest is no good
     */
    static Optional<Manifest> manifest(Path file) {
        checkThere(file);
        if (isBareManifest(file)) {
            return Optional.of(parse(bareText(file), file));
        }
        return opened(file, archive -> manifest(archive, file));
    }

    /**
     * Checks that a file is a TorchScript archive that is what it was when it was written, and returns its manifest, if it has one.
     *
     * @param checks how much is looked at
     * @throws ModelFileException if the file does not exist, is damaged or is no TorchScript archive, or its manifest is no good, or
     *     does not go with its methods
     */
    static Optional<Manifest> checked(Path file, TorchScriptTransformer.Checks checks) {
        return opened(file, archive -> {
            Optional<Manifest> manifest = manifest(archive, file);
            if (checks == TorchScriptTransformer.Checks.NONE) {
                return manifest;
            }
            checkDigest(archive, manifest, file);
            if (checks == TorchScriptTransformer.Checks.ALL) {
                archive.checkAll();
            }
            // Before libtorch does, which believes what a pickle says of sizes.
            Object root = PickleReader.read(archive, "data", MAX_PICKLE_BYTES);
            if (archive.entries().containsKey("constants.pkl")) {
                PickleReader.read(archive, "constants", MAX_PICKLE_BYTES);
            }
            if (!(root instanceof PickledObject module)) {
                throw new ArchiveException("data.pkl holds no module");
            }
            checkMethods(Signatures.read(archive, module.type()), manifest, file);
            return manifest;
        });
    }

    private static void checkDigest(Archive archive, Optional<Manifest> manifest, Path file) {
        String actual = EntriesDigest.of(archive);
        String written = manifest.flatMap(Manifest::digest).orElse(actual);
        if (!written.equals(actual)) {
            throw new ModelFileException(
                    "The entries of " + file + " are not those that its manifest was written for (digest "
                            + actual.substring(0, SHOWN) + "..., written " + written.substring(0, SHOWN)
                            + "...). Copy the file anew, or export it again");
        }
    }

    private static void checkMethods(Signatures signatures, Optional<Manifest> manifest, Path file) {
        List<String> missing =
                manifest.map(signatures::missing).orElse(signatures.has("forward") ? List.of() : List.of("forward"));
        if (!missing.isEmpty()) {
            throw new ModelFileException(file + " lacks the methods " + missing
                    + (manifest.isPresent()
                            ? ", which its manifest promises. Export the checkpoint again with adacache_export"
                            : ""));
        }
        List<String> problems = manifest.map(signatures::problems).orElse(List.of());
        if (!problems.isEmpty()) {
            throw new ModelFileException("The manifest of " + file + " does not go with its methods: "
                    + String.join("; ", problems) + ". Export the checkpoint again with adacache_export");
        }
    }

    private interface Reading<R> {
        R read(Archive archive) throws IOException;
    }

    private static <R> R opened(Path file, Reading<R> reading) {
        checkThere(file);
        try (Archive archive = Archive.open(file)) {
            return reading.read(archive);
        } catch (ArchiveException e) {
            throw notTorchScript(file, String.valueOf(e.getMessage()), e);
        } catch (IOException e) {
            Interrupts.check(file, e);
            throw new ModelFileException(file + " cannot be read: " + e.getMessage(), e);
        }
    }

    private static Optional<Manifest> manifest(Archive archive, Path file) throws IOException {
        Set<String> names = archive.entries().keySet();
        boolean code = names.stream().anyMatch(name -> name.startsWith("code/"));
        if (!names.contains("data.pkl") || !code) {
            throw notTorchScript(
                    file,
                    names.contains("data.pkl") ? "it holds weights but no code" : "it holds no TorchScript module",
                    null);
        }
        if (!names.contains(Archive.MANIFEST)) {
            return Optional.empty();
        }
        byte[] text = archive.read(Archive.MANIFEST, MAX_MANIFEST_BYTES);
        return Optional.of(parse(new String(text, StandardCharsets.UTF_8), file));
    }

    private static Manifest parse(String text, Path file) {
        return ManifestCodec.read(text, "The manifest of " + file);
    }

    private static void checkThere(Path file) {
        if (!Files.isRegularFile(file)) {
            throw new ModelFileException(
                    Files.isDirectory(file)
                            ? file + " is a folder; name a model file"
                            : "There is no model file " + file);
        }
    }

    static boolean isBareManifest(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            return in.read() == '{';
        } catch (IOException e) {
            throw new ModelFileException(file + " cannot be read: " + e.getMessage(), e);
        }
    }

    private static String bareText(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] text = in.readNBytes(MAX_MANIFEST_BYTES + 1);
            if (text.length > MAX_MANIFEST_BYTES) {
                throw new ModelFileException(
                        file + " is longer than " + MAX_MANIFEST_BYTES + " bytes, which no manifest is");
            }
            return new String(text, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new ModelFileException(file + " cannot be read: " + e.getMessage(), e);
        }
    }

    private static ModelFileException notTorchScript(Path file, String why, @Nullable Throwable cause) {
        return new ModelFileException(
                file + " is not a TorchScript file (" + why
                        + "). Save the module with torch.jit.save, or export the checkpoint"
                        + " with adacache_export; if it was copied, compare its size with the original",
                cause);
    }
}
