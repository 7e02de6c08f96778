package io.adacache.djl.instrument.graph;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What crosses from one level of additions into later ones besides the latest values of the streams. */
final class Crossings {
    private final Cut cut;
    private final Trunk trunk;
    private final List<Set<String>> extras = new ArrayList<>();
    private final @Nullable String[] reasons;

    Crossings(Cut cut, int levels) {
        this.cut = cut;
        this.trunk = cut.trunk();
        this.reasons = new String[levels + 1];
        for (int level = 0; level <= levels; level++) {
            extras.add(new LinkedHashSet<>());
        }
        for (Node node : cut.flow().graph().nodes()) {
            Integer to = node.outputs().isEmpty() ? null : cut.place(node.output());
            if (to != null) {
                cut.flow().data(node).forEach(use -> crosses(use, to, node));
            }
        }
        outputOf(levels);
    }

    /** Whether nothing but streams crosses a level. */
    boolean clean(int level) {
        return reasons[level] == null;
    }

    /** The first operation that reads something else across a level. */
    String reason(int level) {
        return String.valueOf(reasons[level]);
    }

    /** Parts of streams that are read behind a level although the rest of their stream has gone on. */
    Set<String> extras(int level) {
        return extras.get(level);
    }

    private void outputOf(int levels) {
        String output = cut.flow().graph().output();
        Integer place = cut.place(output);
        Node node = cut.flow().graph().producer(output);
        if (node == null || place == null) {
            throw new NotUnderstood("the prediction does not depend on the hidden state");
        }
        for (int level = place + 1; level <= levels; level++) {
            need(output, level, node);
        }
    }

    private void crosses(String use, int to, Node reader) {
        Integer from = cut.place(use);
        for (int level = from == null ? to + 1 : from + 1; level <= to; level++) {
            need(use, level, reader);
        }
    }

    private void need(String value, int level, Node reader) {
        if (!given(value, level) && !part(value, level) && reasons[level] == null) {
            reasons[level] = reader.op() + " (" + reader.line() + ")";
        }
    }

    /** Whether a value is there behind a level: in a stream's latest values, or behind glue on those, or early. */
    private boolean given(String value, int level) {
        if (cut.front(level).contains(value) || cut.isEarly(value)) {
            return true;
        }
        List<String> sources = trunk.glueSources(value);
        return !sources.isEmpty() && sources.stream().allMatch(v -> given(v, level));
    }

    /** A part of a stream of which other parts have gone on. */
    private boolean part(String value, int level) {
        Set<String> roots = trunk.roots(value);
        boolean split = !roots.isEmpty()
                && !cut.trunk().adds().containsKey(value)
                && splits(value)
                && roots.stream().noneMatch(cut.front(level)::contains);
        if (split) {
            extras.get(level).add(value);
        }
        return split;
    }

    private boolean splits(String value) {
        Node node = cut.flow().graph().producer(value);
        return node != null
                && (trunk.glue().parts(node)
                        || trunk.glueSources(value).stream().anyMatch(this::splits));
    }
}
