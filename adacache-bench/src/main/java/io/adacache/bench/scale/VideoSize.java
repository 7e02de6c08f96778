package io.adacache.bench.scale;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The size of a video, as a transformer sees it.
 *
 * @param name as it was asked for
 * @param frames of the latent
 * @param height rows of the latent
 * @param width columns of the latent
 */
public record VideoSize(String name, int frames, int height, int width) {
    private static final Pattern SIZE = Pattern.compile("(\\d{1,5})x(\\d{1,5})x(\\d{1,5})");

    /** Latents of the published sizes: Open-Sora's by resolution and seconds, Latte's and Open-Sora-Plan's by pixels and frames. */
    private static final Map<String, VideoSize> PUBLISHED = published();

    private static Map<String, VideoSize> published() {
        Map<String, VideoSize> sizes = new LinkedHashMap<>();
        for (VideoSize size : new VideoSize[] {
            new VideoSize("480p-2s", 15, 60, 106),
            new VideoSize("480p-4s", 30, 60, 106),
            new VideoSize("720p-2s", 15, 90, 160),
            new VideoSize("512x512x16", 16, 64, 64),
            new VideoSize("512x512x65", 17, 64, 64)
        }) {
            sizes.put(size.name(), size);
        }
        return sizes;
    }

    /**
     * Reads a published name, or frames, rows and columns of the latent as {@code 8x32x32}.
     *
     * @throws IllegalArgumentException if it is neither
     */
    public static VideoSize parse(String text) {
        VideoSize published = PUBLISHED.get(text);
        if (published != null) {
            return published;
        }
        Matcher numbers = SIZE.matcher(text);
        if (!numbers.matches() || text.matches("0+x.*|.*x0+x.*|.*x0+")) {
            throw new IllegalArgumentException("'" + text + "' is no size; write frames, rows and columns of the latent"
                    + " (8x32x32), or one of " + PUBLISHED.keySet());
        }
        return new VideoSize(
                text,
                Integer.parseInt(numbers.group(1)),
                Integer.parseInt(numbers.group(2)),
                Integer.parseInt(numbers.group(3)));
    }
}
