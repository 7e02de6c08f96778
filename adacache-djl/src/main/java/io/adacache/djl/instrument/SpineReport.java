package io.adacache.djl.instrument;

import io.adacache.layout.ResidualKind;
import io.adacache.layout.Site;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What was found in a file.
 *
 * @param inputs forward's inputs, with their shapes where the file tells them
 * @param operations operations of the flattened forward
 * @param sites the residuals in order; empty where no spine was found
 * @param streams streams that the hidden state consists of (2: text beside video)
 * @param outside lines of residual additions that no site holds
 * @param baked what tracing has fixed: device literals, dtype codes, inputs that nothing reads
 * @param refusal why the file cannot be instrumented, or null
 */
public record SpineReport(
        List<String> inputs,
        int operations,
        List<Found> sites,
        int streams,
        List<String> outside,
        List<String> baked,
        @Nullable String refusal) {
    /**
     * One residual of the file.
     *
     * @param site position, block and kind as in the manifest; the kind is a guess from the rearrangements around it where nothing
     *     was run
     * @param where path of the module that computes it; empty in a frozen file
     * @param line code file and line of the addition
     * @param glue what the hidden state goes through before it, such as {@code reshape > permute > reshape}; often empty
     * @param streams how many streams it changes
     * @param merged how many additions of one stream were taken together because they cannot be told apart
     */
    public record Found(Site site, String where, String line, String glue, int streams, int merged) {}

    /** Copies the lists. */
    public SpineReport {
        inputs = List.copyOf(inputs);
        sites = List.copyOf(sites);
        outside = List.copyOf(outside);
        baked = List.copyOf(baked);
    }

    /** Whether a spine was found. */
    public boolean understood() {
        return refusal == null;
    }

    /** Residual additions inside the sites, those of several streams and those that were taken together counted one by one. */
    public int additions() {
        return sites.stream().mapToInt(s -> s.streams() + s.merged() - 1).sum();
    }

    /** The report as lines for people. */
    public String text() {
        StringBuilder out = new StringBuilder();
        out.append("forward(").append(String.join(", ", inputs)).append(")\n");
        if (refusal != null) {
            return out.append("not understood: ").append(refusal).append('\n').toString();
        }
        out.append(operations).append(" operations, ").append(sites.size()).append(" sites");
        out.append(streams == 2 ? ", two streams\n" : "\n");
        for (Found s : sites) {
            out.append(String.format(
                    "%4d  block %-3d %-19s",
                    s.site().index(), s.site().block(), s.site().kind().id()));
            out.append(s.where().isEmpty() ? s.line() : s.where());
            out.append(s.merged() > 1 ? "  (" + s.merged() + " additions taken together)" : "");
            out.append(s.glue().isEmpty() ? "" : "  after " + s.glue()).append('\n');
        }
        outside.forEach(line -> out.append("outside the sites: the residual addition of ")
                .append(line)
                .append('\n'));
        baked.forEach(b -> out.append("fixed by tracing: ").append(b).append('\n'));
        return out.toString();
    }

    /** The spine as a Mermaid flow chart; repeated blocks are drawn once each, so that even a large model stays readable. */
    public String mermaid() {
        StringBuilder out = new StringBuilder("flowchart TD\n  embed([embed])\n");
        String before = "embed";
        String edge = "";
        for (Found s : sites) {
            String add = "a" + s.site().index();
            String residual = "r" + s.site().index();
            edge = s.glue().isEmpty() ? "-->" : "-- " + s.glue().replace(" > ", ", ") + " -->";
            out.append("  ").append(add).append("((+))\n");
            out.append("  ")
                    .append(residual)
                    .append("[\"")
                    .append(s.site().index())
                    .append(": ")
                    .append(s.site().kind().id());
            out.append("<br/>block ").append(s.site().block()).append("\"]\n");
            out.append("  ")
                    .append(before)
                    .append(' ')
                    .append(edge)
                    .append(' ')
                    .append(add)
                    .append('\n');
            boolean reads = s.site().kind() != ResidualKind.POSITION;
            out.append(reads ? "  " + before + " --> " + residual + "\n" : "");
            out.append("  ").append(residual).append(" --> ").append(add).append('\n');
            before = add;
        }
        return out.append("  ").append(before).append(" --> head([head])\n").toString();
    }

    /**
     * The same report with other kinds. Where no module paths are left (a frozen file), a spatial block and the temporal one
     * behind it are counted as one, as published checkpoints number them.
     */
    SpineReport withKinds(Map<Integer, ResidualKind> kinds) {
        boolean frozen = sites.stream().allMatch(s -> s.where().isEmpty());
        List<Found> named = new ArrayList<>();
        int block = -1;
        ResidualKind last = ResidualKind.MLP;
        for (Found s : sites) {
            ResidualKind kind = kinds.getOrDefault(s.site().index(), s.site().kind());
            if (kind.isSelfAttention()) {
                boolean pair = last == ResidualKind.SPATIAL_ATTENTION && kind == ResidualKind.TEMPORAL_ATTENTION;
                block += pair ? 0 : 1;
                last = kind;
            }
            int number = frozen ? Math.max(0, block) : s.site().block();
            named.add(new Found(
                    new Site(s.site().index(), number, kind), s.where(), s.line(), s.glue(), s.streams(), s.merged()));
        }
        return new SpineReport(inputs, operations, named, streams, outside, baked, refusal);
    }
}
