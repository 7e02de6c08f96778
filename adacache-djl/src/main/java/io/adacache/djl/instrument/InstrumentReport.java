package io.adacache.djl.instrument;

import java.util.List;
import java.util.Locale;
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
 * @param predictions steps of sessions on the written file whose predictions were compared
 * @param share how much of the model lies inside the sites
 * @param manifest the manifest as JSON
 */
public record InstrumentReport(
        SpineReport spine,
        List<String> dynamic,
        Map<String, Integer> fixed,
        int frames,
        List<String> notes,
        int comparisons,
        int predictions,
        Share share,
        String manifest) {
    /**
     * How much of a model lies inside its sites; the rest is computed in every step, whatever a policy reuses.
     *
     * @param additions residual additions inside the sites
     * @param allAdditions residual additions on what is computed from the latent, inside and outside
     * @param time share of the time of a call, measured with the inputs of the verification
     * @param operations share of the floating point operations of a call, as far as they are counted
     */
    public record Share(int additions, int allAdditions, double time, double operations) {
        /** Below this share of the additions a file is refused unless the user insists. */
        public static final double LEAST_ADDITIONS = 0.5;

        /** Below this share of the additions a file is refused as well, unless as large a share of its operations is inside. */
        public static final double MOST_ADDITIONS = 0.75;

        /**
         * Below this share of both the time and the operations a file with additions outside is refused. Where all additions are
         * inside it is a matter of the inputs' size, and the report says it.
         */
        public static final double LEAST_WORK = 0.2;

        /** Whether so much was left out that a cache is hardly one. */
        public boolean small() {
            boolean few = additions < MOST_ADDITIONS * allAdditions && operations < MOST_ADDITIONS;
            return few || additions < LEAST_ADDITIONS * allAdditions || (additions < allAdditions && littleWork());
        }

        /** Whether, with inputs of these sizes, nearly all of the work lies outside. */
        public boolean littleWork() {
            return Math.max(time, operations) < LEAST_WORK;
        }

        /** The speed-up that no policy exceeds with inputs of these sizes, as if reuse were free. */
        public double mostSpeedup() {
            return 1 / Math.max(1e-3, 1 - time);
        }

        @Override
        public String toString() {
            return String.format(
                    Locale.ROOT,
                    "%d of %d residual additions, %.0f %% of the measured time of a call and %.0f %% of its operations lie inside"
                            + " the sites; with inputs of these sizes no policy is faster than %.1fx",
                    additions,
                    allAdditions,
                    100 * time,
                    100 * operations,
                    mostSpeedup());
        }
    }

    /** Copies the collections. */
    public InstrumentReport {
        dynamic = List.copyOf(dynamic);
        fixed = Map.copyOf(fixed);
        notes = List.copyOf(notes);
    }

    /** The report as lines for people. */
    public String text() {
        StringBuilder out = new StringBuilder(spine.text());
        out.append("dynamic: ").append(String.join(", ", dynamic)).append('\n');
        out.append("fixed: ")
                .append(fixed.isEmpty() ? "nothing" : fixed.toString())
                .append('\n');
        out.append("share: ").append(share).append('\n');
        notes.forEach(n -> out.append("note: ").append(n).append('\n'));
        out.append("verified: ")
                .append(comparisons)
                .append(" comparisons, all equal bit for bit; ")
                .append(predictions)
                .append(" steps of sessions\n");
        return out.toString();
    }
}
