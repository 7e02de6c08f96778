package io.adacache.djl.instrument;

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
 * @param baked what tracing has fixed: device literals, dtype codes, inputs that nothing reads
 * @param refusal why the file cannot be instrumented, or null
 */
public record SpineReport(
        List<String> inputs,
        int operations,
        List<Site> sites,
        int streams,
        List<String> baked,
        @Nullable String refusal) {
    /** Copies the lists. */
    public SpineReport {
        inputs = List.copyOf(inputs);
        sites = List.copyOf(sites);
        baked = List.copyOf(baked);
    }

    /** Whether a spine was found. */
    public boolean understood() {
        return refusal == null;
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
        for (Site s : sites) {
            out.append(String.format("%4d  block %-3d %-19s", s.index(), s.block(), s.kind()));
            out.append(s.where().isEmpty() ? s.line() : s.where());
            out.append(s.merged() > 1 ? "  (" + s.merged() + " additions taken together)" : "");
            out.append(s.glue().isEmpty() ? "" : "  after " + s.glue()).append('\n');
        }
        baked.forEach(b -> out.append("fixed by tracing: ").append(b).append('\n'));
        return out.toString();
    }

    /** The spine as a Mermaid flow chart; repeated blocks are drawn once each, so that even a large model stays readable. */
    public String mermaid() {
        StringBuilder out = new StringBuilder("flowchart TD\n  embed([embed])\n");
        String before = "embed";
        String edge = "";
        for (Site s : sites) {
            String add = "a" + s.index();
            String residual = "r" + s.index();
            edge = s.glue().isEmpty() ? "-->" : "-- " + s.glue().replace(" > ", ", ") + " -->";
            out.append("  ").append(add).append("((+))\n");
            out.append("  ")
                    .append(residual)
                    .append("[\"")
                    .append(s.index())
                    .append(": ")
                    .append(s.kind());
            out.append("<br/>block ").append(s.block()).append("\"]\n");
            out.append("  ")
                    .append(before)
                    .append(' ')
                    .append(edge)
                    .append(' ')
                    .append(add)
                    .append('\n');
            boolean reads = !s.kind().equals("position");
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
    SpineReport withKinds(Map<Integer, String> kinds) {
        boolean frozen = sites.stream().allMatch(s -> s.where().isEmpty());
        List<Site> named = new ArrayList<>();
        int block = -1;
        String last = "";
        for (Site s : sites) {
            String kind = kinds.getOrDefault(s.index(), s.kind());
            if (kind.endsWith("-attention") && !kind.startsWith("cross")) {
                block += last.equals("spatial-attention") && kind.equals("temporal-attention") ? 0 : 1;
                last = kind;
            }
            int number = frozen ? Math.max(0, block) : s.block();
            named.add(new Site(s.index(), number, kind, s.where(), s.line(), s.glue(), s.streams(), s.merged()));
        }
        return new SpineReport(inputs, operations, named, streams, baked, refusal);
    }
}
