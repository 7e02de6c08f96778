package io.adacache.djl;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Enumeration;
import java.util.function.UnaryOperator;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/** Makes changed copies of model files. */
final class Archives {
    private Archives() {}

    /** Copies an archive with its manifest changed; to null drops it. */
    static Path withManifest(Path source, Path target, UnaryOperator<String> change) {
        return rewrite(source, target, "/extra/" + Manifest.FILE, change);
    }

    /** Copies an archive whose manifest has no digest: with one, a changed copy is refused before anything else is looked at. */
    static Path withoutDigest(Path source, Path target) {
        return withManifest(source, target, text -> text.replaceAll("\"digest\": \"[0-9a-f]*\",", ""));
    }

    /** Copies an archive with the text of the entries of one ending changed; to null drops them. */
    static Path rewrite(Path source, Path target, String ending, UnaryOperator<String> change) {
        try (ZipFile zip = new ZipFile(source.toFile());
                ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(target))) {
            for (Enumeration<? extends ZipEntry> all = zip.entries(); all.hasMoreElements(); ) {
                ZipEntry entry = all.nextElement();
                byte[] bytes = zip.getInputStream(entry).readAllBytes();
                if (entry.getName().endsWith(ending)) {
                    String changed = change.apply(new String(bytes, StandardCharsets.UTF_8));
                    if (changed == null) {
                        continue;
                    }
                    bytes = changed.getBytes(StandardCharsets.UTF_8);
                }
                put(out, entry.getName(), bytes);
            }
            return target;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void put(ZipOutputStream out, String name, byte[] bytes) throws IOException {
        CRC32 crc = new CRC32();
        crc.update(bytes);
        ZipEntry entry = new ZipEntry(name);
        entry.setMethod(ZipEntry.STORED);
        entry.setSize(bytes.length);
        entry.setCrc(crc.getValue());
        out.putNextEntry(entry);
        out.write(bytes);
        out.closeEntry();
    }
}
