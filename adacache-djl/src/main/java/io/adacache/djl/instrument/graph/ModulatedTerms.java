package io.adacache.djl.instrument.graph;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** The normalised inputs of a site as parts of the state behind it: moved through the glue that follows, zeros where there is none. */
final class ModulatedTerms {
    private final Cut cut;
    private final int site;
    private final Map<String, String> values;
    private final SliceWriter writer;
    private final Map<String, String> terms = new HashMap<>();

    ModulatedTerms(Cut cut, int site, Map<String, String> values, SliceWriter writer) {
        this.cut = cut;
        this.site = site;
        this.values = values;
        this.writer = writer;
    }

    /** An expression for what a value of the state behind the site was normalised to. */
    String of(String value) {
        String known = terms.get(value);
        if (known == null) {
            known = term(value);
            terms.put(value, known);
        }
        return known;
    }

    private String term(String value) {
        String found = values.get(value);
        StreamAdd add = cut.trunk().adds().get(value);
        if (found != null) {
            writer.need(found);
            return found;
        }
        if (cut.states().get(site).contains(value)) {
            return "torch.zeros_like(" + value + ")";
        }
        if (add != null) {
            return of(add.stream());
        }
        List<String> sources = cut.trunk().glueSources(value);
        if (sources.isEmpty()) {
            writer.need(value);
            return "torch.zeros_like(" + value + ")";
        }
        Node node = Objects.requireNonNull(cut.flow().graph().producer(value));
        List<String> moved = sources.stream().map(this::of).toList();
        if (Glue.joins(node)) {
            return "torch.cat([" + String.join(", ", moved) + "], " + node.argument(1) + ")";
        }
        boolean identity = cut.trunk().glue().whole(node) != null && Operators.IDENTITY.contains(node.shortOp());
        return identity ? moved.get(0) : PieceShapes.replay(node, moved.get(0), writer);
    }
}
