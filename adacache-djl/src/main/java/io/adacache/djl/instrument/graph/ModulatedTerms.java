package io.adacache.djl.instrument.graph;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The normalised inputs of a site as parts of the state behind it: moved through the glue that follows, zeros where there is none. */
final class ModulatedTerms {
    private final Cut cut;
    private final int site;
    private final Map<String, String> values;
    private final SliceWriter writer;
    private final Map<String, @Nullable String> terms = new HashMap<>();

    ModulatedTerms(Cut cut, int site, Map<String, String> values, SliceWriter writer) {
        this.cut = cut;
        this.site = site;
        this.values = values;
        this.writer = writer;
    }

    /** An expression for what a value of the state behind the site was normalised to. */
    String of(String value) {
        String term = term(value);
        if (term == null) {
            String known = unchanged(value);
            writer.need(known);
            return "torch.zeros_like(" + known + ")";
        }
        return term;
    }

    /** The value of the state before the site that a value is a sum on, or itself. */
    private String unchanged(String value) {
        StreamAdd add = cut.trunk().adds().get(value);
        return add == null || cut.states().get(site).contains(value) ? value : unchanged(add.stream());
    }

    private @Nullable String term(String value) {
        if (!terms.containsKey(value)) {
            terms.put(value, found(value));
        }
        return terms.get(value);
    }

    private @Nullable String found(String value) {
        String found = values.get(value);
        StreamAdd add = cut.trunk().adds().get(value);
        if (found != null) {
            writer.need(found);
            return found;
        }
        if (cut.states().get(site).contains(value) || cut.isStart(value)) {
            return null;
        }
        return add == null ? moved(value) : term(add.stream());
    }

    /** The terms of what glue has moved, moved likewise; null if there is none. */
    private @Nullable String moved(String value) {
        List<String> sources = cut.trunk().glueSources(value);
        if (sources.stream().allMatch(s -> term(s) == null)) {
            return null;
        }
        Node node = Objects.requireNonNull(cut.flow().graph().producer(value));
        List<String> moved = sources.stream().map(this::of).toList();
        if (Glue.joins(node)) {
            return "torch.cat([" + String.join(", ", moved) + "], " + node.argument(1) + ")";
        }
        boolean identity = cut.trunk().glue().whole(node) != null && Operators.IDENTITY.contains(node.shortOp());
        return identity ? moved.get(0) : PieceShapes.replay(cut.flow().graph(), value, moved.get(0), writer);
    }
}
