package io.adacache.djl;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/** A look into a TorchScript archive before anything native reads it. */
final class Archive {
    private static final int MAX_MANIFEST_BYTES = 64 << 20;

    private Archive() {}

    /**
     * Checks that a file is a TorchScript archive and returns its manifest's text, if it has one.
     *
     * @throws ModelFileException if the file does not exist or is no TorchScript archive
     */
    static Optional<String> manifestText(Path file) {
        if (!Files.isRegularFile(file)) {
            throw new ModelFileException("There is no model file " + file);
        }
        try (ZipFile zip = new ZipFile(file.toFile())) {
            boolean data = zip.stream().anyMatch(entry -> entry.getName().endsWith("/data.pkl"));
            boolean code = zip.stream().anyMatch(entry -> entry.getName().contains("/code/"));
            if (!data || !code) {
                throw notTorchScript(
                        file, data ? "it holds weights but no code" : "it holds no TorchScript module", null);
            }
            Optional<? extends ZipEntry> manifest = zip.stream()
                    .filter(entry -> entry.getName().endsWith("/extra/" + Manifest.FILE))
                    .findFirst();
            return manifest.isEmpty() ? Optional.empty() : Optional.of(text(zip, manifest.get(), file));
        } catch (IOException | IllegalArgumentException e) {
            throw notTorchScript(file, e.getMessage(), e);
        }
    }

    /**
     * Returns the text of a file that holds a manifest and nothing else, empty if it begins otherwise than JSON does.
     *
     * @throws ModelFileException if the file does not exist or cannot be read
     */
    static Optional<String> bareManifest(Path file) {
        if (!Files.isRegularFile(file)) {
            throw new ModelFileException("There is no model file " + file);
        }
        try (InputStream in = Files.newInputStream(file)) {
            return in.read() == '{' && Files.size(file) <= MAX_MANIFEST_BYTES
                    ? Optional.of(Files.readString(file))
                    : Optional.empty();
        } catch (IOException e) {
            throw new ModelFileException(file + " cannot be read: " + e.getMessage(), e);
        }
    }

    private static String text(ZipFile zip, ZipEntry entry, Path file) throws IOException {
        if (entry.getSize() > MAX_MANIFEST_BYTES) {
            throw new ModelFileException(
                    "The manifest of " + file + " is " + entry.getSize() + " bytes long, which is no manifest");
        }
        return new String(zip.getInputStream(entry).readAllBytes(), StandardCharsets.UTF_8);
    }

    private static ModelFileException notTorchScript(Path file, String why, Throwable cause) {
        return new ModelFileException(
                file + " is not a TorchScript file (" + why
                        + "). Save the module with torch.jit.save, or export the checkpoint"
                        + " with adacache_export; if it was copied, compare its size with the original",
                cause);
    }
}
