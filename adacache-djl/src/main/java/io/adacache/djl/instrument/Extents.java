package io.adacache.djl.instrument;

import io.adacache.djl.instrument.graph.Extent;
import io.adacache.djl.instrument.graph.Extent.Factor;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * What the sizes of an embedded call are made of, told from calls of several sizes. Where a file has fixed a dimension, a size that is
 * exactly the product of some is taken for it; whether that was right is found by comparing.
 */
final class Extents {
    private static final Set<Factor> VIDEO = EnumSet.of(Factor.FRAMES, Factor.ROWS, Factor.COLUMNS);

    private final StartFacts facts;
    private final CallDimensions dimensions;
    private final Set<Integer> channels;
    private final List<Map<Factor, Long>> calls = new ArrayList<>();
    private final List<Long> prefixes = new ArrayList<>();
    private final List<List<long[]>> shapes = new ArrayList<>();

    /**
     * Creates them.
     *
     * @param channels which of the sizes that {@code embed} hands on are last dimensions: channels, where they do not change
     */
    Extents(StartFacts facts, CallDimensions dimensions, Set<Integer> channels) {
        this.facts = facts;
        this.dimensions = dimensions;
        this.channels = channels;
    }

    /**
     * Takes in what one call has shown; the first is the one as it is.
     *
     * @param changed latent sizes that differ from those of the inputs
     * @param seen the shapes of what {@code embed} hands on
     */
    void add(Map<String, Long> changed, List<long[]> seen) {
        Map<Factor, Long> call = new EnumMap<>(Factor.class);
        call.put(Factor.BATCH, size("batch", changed));
        call.put(Factor.TIME, size("frames", changed));
        call.put(Factor.HEIGHT, size("height", changed));
        call.put(Factor.WIDTH, size("width", changed));
        call.put(Factor.TEXT, changed.getOrDefault("text", dimensions.sizes().getOrDefault("text", 0L)));
        call.put(Factor.FRAMES, tokens("frames", changed));
        call.put(Factor.ROWS, tokens("height", changed));
        call.put(Factor.COLUMNS, tokens("width", changed));
        calls.add(call);
        prefixes.add(dimensions.tokens(facts, changed) - product(VIDEO, call));
        shapes.add(seen);
    }

    private long size(String name, Map<String, Long> changed) {
        return changed.getOrDefault(name, dimensions.size(name));
    }

    private long tokens(String name, Map<String, Long> changed) {
        int latent = facts.patch(name);
        return (size(name, changed) + latent - 1) / latent;
    }

    private static long product(Set<Factor> factors, Map<Factor, Long> call) {
        return factors.stream()
                .mapToLong(factor -> Objects.requireNonNull(call.get(factor)))
                .reduce(1, (a, b) -> a * b);
    }

    /** Of each tensor and each of its dimensions; of the first, whose dimensions are sizes, likewise. */
    List<List<Extent>> all() {
        List<List<Extent>> all = new ArrayList<>();
        for (int i = 0; i < shapes.get(0).size(); i++) {
            List<Extent> extents = new ArrayList<>();
            int rank = shapes.get(0).get(i).length;
            for (int at = 0; at < rank; at++) {
                boolean latent = i == 0 && at > 0 && at <= facts.axes().size();
                boolean last = i == 0 ? channels.contains(at) : rank > 1 && at + 1 == rank;
                extents.add(latent ? latent(facts.axes().get(at - 1)) : extent(i, at, last));
            }
            all.add(extents);
        }
        return all;
    }

    /** The sizes of the latent come first, and its dimensions have names. */
    private static Extent latent(String dimension) {
        return switch (dimension) {
            case "batch" -> new Extent(Set.of(Factor.BATCH), false);
            case "frames" -> new Extent(Set.of(Factor.TIME), false);
            case "height" -> new Extent(Set.of(Factor.HEIGHT), false);
            case "width" -> new Extent(Set.of(Factor.WIDTH), false);
            default -> Extent.SAME;
        };
    }

    private Extent extent(int tensor, int at, boolean last) {
        long[] seen = shapes.stream().mapToLong(call -> call.get(tensor)[at]).toArray();
        boolean constant = java.util.Arrays.stream(seen).distinct().count() == 1;
        if (last && constant) {
            return Extent.SAME;
        }
        for (Extent form : FORMS) {
            if (fits(form, seen, 1)) {
                return form;
            }
        }
        for (Extent form : constant ? List.<Extent>of() : FORMS) {
            long first = value(form, 0);
            if (first > 0 && seen[0] % first == 0 && fits(form, seen, seen[0] / first)) {
                return form;
            }
        }
        return Extent.SAME;
    }

    private long value(Extent form, int call) {
        return product(form.factors(), calls.get(call)) + (form.prefix() ? prefixes.get(call) : 0);
    }

    private boolean fits(Extent form, long[] seen, long times) {
        if (form.prefix() && (prefixes.get(0) == 0 || times != 1)) {
            return false;
        }
        for (int call = 0; call < seen.length; call++) {
            if (seen[call] != times * value(form, call)) {
                return false;
            }
        }
        return true;
    }

    private static final List<Extent> FORMS = forms();

    /** What is likely, the likeliest first: the whole video before its parts. A size of 1 is nothing's. */
    private static List<Extent> forms() {
        List<Extent> forms = new ArrayList<>();
        forms.add(new Extent(VIDEO, true));
        List<Set<Factor>> parts = List.of(
                VIDEO,
                EnumSet.of(Factor.ROWS, Factor.COLUMNS),
                EnumSet.of(Factor.FRAMES),
                EnumSet.of(Factor.TIME),
                EnumSet.of(Factor.ROWS),
                EnumSet.of(Factor.COLUMNS),
                EnumSet.of(Factor.HEIGHT),
                EnumSet.of(Factor.WIDTH));
        for (Set<Factor> around : List.of(
                EnumSet.of(Factor.BATCH, Factor.TEXT),
                EnumSet.of(Factor.TEXT),
                EnumSet.of(Factor.BATCH),
                EnumSet.noneOf(Factor.class))) {
            for (Set<Factor> part : parts) {
                EnumSet<Factor> both = EnumSet.copyOf(part);
                both.addAll(around);
                forms.add(new Extent(both, false));
            }
            if (!around.isEmpty()) {
                forms.add(new Extent(around, false));
            }
        }
        return List.copyOf(forms);
    }
}
