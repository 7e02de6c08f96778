package io.adacache.djl.instrument;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/** The small traced archives, which {@code src/test/python/make_traced_models.py} writes, and zip files made of them. */
final class TracedFiles {
    private TracedFiles() {}

    static Path file(String name) {
        return resource("/traced/" + name);
    }

    static Path resource(String name) {
        try {
            return Path.of(TracedFiles.class.getResource(name).toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    static Map<String, byte[]> entries(Path file) throws IOException {
        Map<String, byte[]> entries = new LinkedHashMap<>();
        try (ZipFile zip = new ZipFile(file.toFile())) {
            for (ZipEntry entry : Collections.list(zip.entries())) {
                entries.put(entry.getName(), zip.getInputStream(entry).readAllBytes());
            }
        }
        return entries;
    }

    /** A zip with stored entries of these names, duplicates included. */
    static byte[] zip(List<Map.Entry<String, byte[]>> entries) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            zip.setMethod(ZipOutputStream.STORED);
            for (Map.Entry<String, byte[]> item : entries) {
                ZipEntry entry = new ZipEntry(item.getKey());
                CRC32 crc = new CRC32();
                crc.update(item.getValue());
                entry.setSize(item.getValue().length);
                entry.setCrc(crc.getValue());
                zip.putNextEntry(entry);
                zip.write(item.getValue());
            }
        }
        return bytes.toByteArray();
    }

    /** All code of an archive. */
    static String code(Path file) throws IOException {
        StringBuilder code = new StringBuilder();
        entries(file).forEach((name, content) -> {
            if (name.endsWith(".py")) {
                code.append(new String(content, StandardCharsets.UTF_8));
            }
        });
        return code.toString();
    }

    /** A copy of an archive with one text changed. */
    static Path edited(Path source, Path folder, String oldText, String newText) throws IOException {
        Map<String, byte[]> entries = entries(source);
        entries.replaceAll((name, content) -> {
            if (!name.endsWith(".py")) {
                return content;
            }
            String text = new String(content, StandardCharsets.UTF_8);
            return text.replace(oldText, newText).getBytes(StandardCharsets.UTF_8);
        });
        return Files.write(folder.resolve("edited.pt"), zip(List.copyOf(entries.entrySet())));
    }
}
