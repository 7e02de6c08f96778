package io.adacache.djl.archive;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;

/**
 * A digest over which content stands under which name: SHA-256 of one line {@code name TAB size TAB crc32 LF} per entry, sorted by
 * name, extra files left out. It is made of the directory alone, so it costs nothing; together with the entries' checksums it says
 * that every entry is the one that was written under that name. It is no signature.
 */
public final class EntriesDigest {
    private static final String EXTRA = "extra/";

    private EntriesDigest() {}

    /** Returns the digest as 64 hexadecimal digits. */
    public static String of(Archive archive) {
        return of(archive.entries());
    }

    /** The digest of entries by their name within the archive's folder. */
    static String of(Map<String, Entry> entries) {
        MessageDigest digest = sha256();
        // Names of archives are compared as their bytes are, which for what torch writes is the order of strings.
        new TreeMap<>(entries).forEach((name, entry) -> {
            if (!name.startsWith(EXTRA)) {
                String line = name + "\t" + entry.size() + "\t" + String.format("%08x", entry.crc()) + "\n";
                digest.update(line.getBytes(StandardCharsets.UTF_8));
            }
        });
        return HexFormat.of().formatHex(digest.digest());
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every JDK has SHA-256", e);
        }
    }
}
