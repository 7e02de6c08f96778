package io.adacache.bench.report;

import java.util.Locale;

/** Names of files made from free text. */
public final class FileNames {
    private static final int LONGEST = 80;
    private static final int LONGEST_POLICY = 40;
    private static final int MARK = 8;

    private FileNames() {}

    /** Returns lower-case words joined by hyphens, 80 characters at most; what is cut off is told apart by a mark. */
    public static String of(String text) {
        return of(text, LONGEST);
    }

    /** Returns the same for a policy, 40 characters at most: a codebook is no name. */
    public static String ofPolicy(String policy) {
        return of(policy, LONGEST_POLICY);
    }

    private static String of(String text, int longest) {
        String name =
                text.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-").replaceAll("^-|-$", "");
        if (name.length() > longest) {
            return name.substring(0, longest - MARK - 1).replaceAll("-$", "")
                    + String.format(Locale.ROOT, "-%08x", text.hashCode());
        }
        return name.isEmpty() ? "clip" : name;
    }
}
