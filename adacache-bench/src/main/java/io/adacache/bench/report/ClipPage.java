package io.adacache.bench.report;

import com.fasterxml.jackson.databind.JsonNode;
import io.adacache.bench.files.Json;
import io.adacache.bench.files.Resources;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The clips of a folder as one HTML page that needs nothing else; if they are large together, as a page that names their files. Of a clip in
 * several formats the best to look at is shown.
 */
public final class ClipPage {
    /** Best first. */
    private static final List<String> FORMATS = List.of("mp4", "webp", "gif", "png");

    private static final Map<String, String> TYPES =
            Map.of("mp4", "video/mp4", "webp", "image/webp", "gif", "image/gif", "png", "image/png");

    private static final long LARGE = 64 << 20;

    private final Path folder;
    /** File by clip. */
    private final Map<String, Path> clips;

    private ClipPage(Path folder, Map<String, Path> clips) {
        this.folder = folder;
        this.clips = clips;
    }

    /**
     * Looks for clips.
     *
     * @throws IllegalArgumentException if there are none, or the folder cannot be read
     */
    public static ClipPage of(Path folder) {
        Map<String, Path> clips = new TreeMap<>();
        try (Stream<Path> files = Files.list(folder)) {
            files.filter(file -> rank(file) >= 0 && Files.isRegularFile(file))
                    .forEach(file -> clips.merge(name(file), file, (a, b) -> rank(a) <= rank(b) ? a : b));
        } catch (IOException e) {
            throw new IllegalArgumentException(folder + " cannot be read: " + e.getMessage(), e);
        }
        if (clips.isEmpty()) {
            throw new IllegalArgumentException("There are no clips in " + folder + " (" + String.join(", ", FORMATS)
                    + "); 'generate --out " + folder + "' makes some");
        }
        return new ClipPage(folder, clips);
    }

    private static int rank(Path file) {
        String name = String.valueOf(file.getFileName());
        return name.startsWith(".") ? -1 : FORMATS.indexOf(name.substring(name.lastIndexOf('.') + 1));
    }

    private static String name(Path file) {
        String name = String.valueOf(file.getFileName());
        return name.substring(0, name.lastIndexOf('.'));
    }

    /** Returns the number of clips. */
    public int clips() {
        return clips.size();
    }

    /**
     * Returns the page's text.
     *
     * @param page where it will lie
     */
    public String html(Path page) {
        boolean inside = clips.values().stream().mapToLong(ClipPage::size).sum() <= LARGE;
        StringBuilder html = new StringBuilder("<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\">"
                + "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>Clips</title><style>"
                + Resources.text("/io/adacache/bench/report/clips.css") + "</style></head><body><main><h1>"
                + clips.size() + " clips</h1><div class=\"clips\">");
        clips.forEach((name, file) -> html.append(figure(name, file, inside ? data(file) : link(page, file))));
        return html.append("</div></main></body></html>\n").toString();
    }

    private static String type(Path file) {
        return TYPES.getOrDefault(FORMATS.get(rank(file)), "");
    }

    private static String data(Path file) {
        return "data:" + type(file) + ";base64," + Base64.getEncoder().encodeToString(bytes(file));
    }

    private static String link(Path page, Path file) {
        Path from = page.toAbsolutePath().getParent();
        Path there = file.toAbsolutePath();
        return (from == null ? there : from.relativize(there)).toString().replace('\\', '/');
    }

    private String figure(String name, Path file, String source) {
        String shown = type(file).startsWith("video/")
                ? "<video autoplay loop muted playsinline controls src=\"" + Format.html(source) + "\"></video>"
                : "<img alt=\"" + Format.html(name) + "\" src=\"" + Format.html(source) + "\">";
        return "<figure>" + shown + "<figcaption><b>" + Format.html(name) + "</b>" + facts(name)
                + "</figcaption></figure>";
    }

    /** What 'batch' has written beside a clip. */
    private String facts(String name) {
        Path file = folder.resolve(name + ".json");
        if (!Files.isRegularFile(file)) {
            return "";
        }
        JsonNode line;
        try {
            line = Json.read(file);
        } catch (IllegalArgumentException e) {
            return "";
        }
        List<String> facts = new ArrayList<>();
        for (String field : List.of("policy", "seed", "steps", "computed", "reused", "millis")) {
            if (line.has(field)) {
                facts.add(field + " " + line.get(field).asText());
            }
        }
        return "<br>" + Format.html(String.join(", ", facts));
    }

    private static long size(Path file) {
        try {
            return Files.size(file);
        } catch (IOException e) {
            throw new IllegalArgumentException(file + " cannot be read: " + e.getMessage(), e);
        }
    }

    private static byte[] bytes(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new IllegalArgumentException(file + " cannot be read: " + e.getMessage(), e);
        }
    }
}
