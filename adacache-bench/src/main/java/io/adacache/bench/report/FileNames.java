package io.adacache.bench.report;

import java.util.Locale;

/** Names of files made from free text. */
public final class FileNames {
    private static final int LONGEST = 120;

    private FileNames() {}

    /** Returns lower-case words joined by hyphens, 120 characters at most. */
    public static String of(String text) {
        String name =
                text.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-").replaceAll("^-|-$", "");
        return name.isEmpty() ? "clip" : name.substring(0, Math.min(LONGEST, name.length()));
    }
}
