package io.adacache.djl.instrument;

import java.util.List;
import java.util.Map;

/**
 * What was written.
 *
 * @param spine what was found, with every site's kind
 * @param dynamic dimensions that were tried at another size, with equal results
 * @param fixed dimensions that the file has fixed, with their size
 * @param frames frames of tokens, 0 if no frame axis was found
 * @param notes everything that a user should know and may not expect
 * @param comparisons calls that were compared bit for bit
 * @param manifest the manifest as JSON
 */
public record InstrumentReport(
        SpineReport spine,
        List<String> dynamic,
        Map<String, Integer> fixed,
        int frames,
        List<String> notes,
        int comparisons,
        String manifest) {
    /** Copies the collections. */
    public InstrumentReport {
        dynamic = List.copyOf(dynamic);
        fixed = Map.copyOf(fixed);
        notes = List.copyOf(notes);
    }

    InstrumentReport withManifest(String text) {
        return new InstrumentReport(spine, dynamic, fixed, frames, notes, comparisons, text);
    }

    /** The report as lines for people. */
    public String text() {
        StringBuilder out = new StringBuilder(spine.text());
        out.append("dynamic: ").append(String.join(", ", dynamic)).append('\n');
        out.append("fixed: ")
                .append(fixed.isEmpty() ? "nothing" : fixed.toString())
                .append('\n');
        notes.forEach(n -> out.append("note: ").append(n).append('\n'));
        out.append("verified: ").append(comparisons).append(" comparisons, all equal bit for bit\n");
        return out.toString();
    }
}
