package io.adacache.djl;

import io.adacache.djl.archive.Archive;
import io.adacache.djl.archive.ArchiveException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A look into a model file before anything native reads it. */
final class ModelFile {
    private static final int MAX_MANIFEST_BYTES = 4 << 20;

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
        return archived(file);
    }

    /**
     * Checks that a file is a TorchScript archive and returns its manifest, if it has one.
     *
     * @throws ModelFileException if the file does not exist or is no TorchScript archive, or its manifest is no good
     */
    static Optional<Manifest> archived(Path file) {
        checkThere(file);
        try (Archive archive = Archive.open(file)) {
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
        } catch (ArchiveException e) {
            throw notTorchScript(file, e.getMessage(), e);
        } catch (IOException e) {
            throw new ModelFileException(file + " cannot be read: " + e.getMessage(), e);
        }
    }

    private static Manifest parse(String text, Path file) {
        return ManifestCodec.read(text, "The manifest of " + file);
    }

    private static void checkThere(Path file) {
        if (!Files.isRegularFile(file)) {
            throw new ModelFileException("There is no model file " + file);
        }
    }

    private static boolean isBareManifest(Path file) {
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
