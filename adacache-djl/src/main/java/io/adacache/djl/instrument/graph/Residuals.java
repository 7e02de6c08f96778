package io.adacache.djl.instrument.graph;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a site has added to each value of the state behind it: the terms of its additions, moved through the glue between them
 * where several were taken together.
 */
final class Residuals {
    private final Cut cut;
    private final Probed probed;
    private final SliceWriter writer;
    private final Set<String> before;
    private final Map<String, String> terms = new HashMap<>();

    Residuals(Cut cut, Probed probed, int site, SliceWriter writer) {
        this.cut = cut;
        this.probed = probed;
        this.writer = writer;
        this.before = new HashSet<>(cut.states().get(site));
    }

    /** An expression for what was added to a value of the state behind the site. */
    String of(String value) {
        String term = term(value);
        return term == null ? "torch.zeros_like(" + value + ")" : term;
    }

    private @Nullable String term(String value) {
        if (before.contains(value) || cut.isStart(value)) {
            return null;
        }
        String known = terms.get(value);
        if (known != null) {
            return known;
        }
        StreamAdd add = cut.trunk().adds().get(value);
        String term = add != null ? added(add, term(add.stream())) : moved(value);
        if (term != null) {
            String name = "r_" + value;
            writer.line(name + " = " + term);
            terms.put(value, name);
            return name;
        }
        return null;
    }

    private String added(StreamAdd add, @Nullable String earlier) {
        Set<String> names = new HashSet<>();
        Names.collect(add.residual(), names);
        add.node().uses().stream().filter(names::contains).forEach(writer::need);
        if (add.exchanges()) {
            writer.need(add.stream());
        }
        String own = add.residual().toString();
        long[] shape = probed.shape(own);
        boolean fits = shape != null && java.util.Arrays.equals(shape, probed.shape(add.output()));
        String whole = fits ? own : "torch.expand_as(" + own + ", " + add.output() + ")";
        return earlier == null ? whole : "torch.add(" + earlier + ", " + whole + ")";
    }

    /** The terms of what glue has moved, moved likewise; null if nothing was added before. */
    private @Nullable String moved(String value) {
        List<String> sources = cut.trunk().glueSources(value);
        List<String> found = new ArrayList<>();
        sources.forEach(s -> found.add(term(s)));
        if (found.stream().allMatch(java.util.Objects::isNull)) {
            return null;
        }
        Node node = java.util.Objects.requireNonNull(cut.flow().graph().producer(value));
        for (int i = 0; i < found.size(); i++) {
            if (found.get(i) == null) {
                writer.need(sources.get(i));
                found.set(i, "torch.zeros_like(" + sources.get(i) + ")");
            }
        }
        if (Glue.joins(node)) {
            return "torch.cat([" + String.join(", ", found) + "], " + node.argument(1) + ")";
        }
        boolean identity = cut.trunk().glue().whole(node) != null && Operators.IDENTITY.contains(node.shortOp());
        return identity ? found.get(0) : PieceShapes.replay(node, String.valueOf(found.get(0)), writer);
    }
}
