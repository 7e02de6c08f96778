package io.adacache.djl.instrument.graph;

import io.adacache.djl.instrument.syntax.Expr;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A site's attention, cut where tokens meet: keys and values of a member's tokens on one side, the product with the keys and values of
 * all tokens on the other. In which order those come is all one to a product without a mask.
 */
final class SharedAttention {
    static final String KEYS = "all_keys";
    static final String VALUES = "all_values";

    private final Cut cut;
    private final Segments segments;
    private final Probed probed;
    private final int site;
    private final Node product;
    private final String keys;
    private final String values;

    private SharedAttention(Cut cut, Segments segments, Probed probed, int site, Node product) {
        this.cut = cut;
        this.segments = segments;
        this.probed = probed;
        this.site = site;
        this.product = product;
        this.keys = Objects.requireNonNull(product.value(1));
        this.values = Objects.requireNonNull(product.value(2));
    }

    /** The products of a site whose keys are made of the hidden state. */
    static List<Node> products(Cut cut, Segments segments, int site) {
        return segments.of(site).stream()
                .filter(node -> node.shortOp().equals("scaled_dot_product_attention"))
                .filter(node -> hidden(cut, node.value(1)) && hidden(cut, node.value(2)))
                .toList();
    }

    private static boolean hidden(Cut cut, @Nullable String value) {
        return value != null && cut.isHidden(value);
    }

    /** The site's attention; null where it is none, or not of the one form that is known. */
    static @Nullable SharedAttention of(Cut cut, Segments segments, Probed probed, int site) {
        List<Node> products = products(cut, segments, site);
        if (products.size() != 1) {
            return null;
        }
        Node product = products.get(0);
        String query = product.value(0);
        boolean apart = query != null && !query.equals(product.value(1)) && !query.equals(product.value(2));
        boolean plain = "None"
                        .equals(Objects.requireNonNullElse(product.argument(3), "None")
                                .toString())
                && !product.expr().toString().contains("is_causal=True")
                && !"True".equals(String.valueOf(product.argument(5)));
        SharedAttention found = apart && plain ? new SharedAttention(cut, segments, probed, site, product) : null;
        return found != null && found.known(found.keys) && found.known(found.values) ? found : null;
    }

    private boolean known(String value) {
        int rank = probed.rank(value);
        return rank == 3 || rank == 4;
    }

    /** Writes {@code [batch, tokens, channels of keys and values]} of the tokens of a state. */
    void share(SliceWriter w, String batch) {
        // What was changed in place before the product belongs to it.
        Set<String> read = new HashSet<>(cut.flow().data(product));
        read.addAll(List.of(keys, values));
        Set<String> wanted =
                cut.flow().between(read, -1, new HashSet<>(cut.states().get(site)));
        write(w, wanted, Set.of());
        w.need(keys);
        w.need(values);
        w.line("return torch.cat([" + tokens(keys, batch) + ", " + tokens(values, batch) + "], 2)");
    }

    private String tokens(String value, String batch) {
        String heads = probed.rank(value) == 4 ? value : "torch.unflatten(" + value + ", 0, [" + batch + ", -1])";
        return "torch.flatten(torch.transpose(" + heads + ", 1, 2), 2)";
    }

    /** Writes the site with the keys and values of all tokens in {@code shared}; what it leaves is that of {@code run}. */
    void look(SliceWriter w, long batch) {
        long own = channels(keys, batch);
        w.line(KEYS + " = " + heads(keys, "torch.slice(shared, 2, 0, " + own + ")", batch));
        w.line(VALUES + " = " + heads(values, "torch.slice(shared, 2, " + own + ", " + LayoutWriter.ALL + ")", batch));
        Set<String> barriers = new HashSet<>(cut.states().get(site));
        barriers.add(keys);
        barriers.add(values);
        write(w, cut.flow().between(targets(), -1, barriers), Set.of(keys, values));
    }

    /** What the site must leave: the state behind it, and what was added to get there. */
    private Set<String> targets() {
        Set<String> targets = new LinkedHashSet<>(cut.states().get(site + 1));
        cut.sites().get(site).forEach(add -> {
            targets.add(add.output());
            Set<String> names = new HashSet<>();
            Names.collect(add.residual(), names);
            names.retainAll(add.node().uses());
            targets.addAll(names);
        });
        return targets;
    }

    private void write(SliceWriter w, Set<String> wanted, Set<String> given) {
        for (Node node : segments.of(site)) {
            boolean needed = node.outputs().stream().anyMatch(v -> wanted.contains(v) && !given.contains(v));
            if (needed && node == product && !given.isEmpty()) {
                w.write(node, Map.of(keys, new Expr.Name(KEYS), values, new Expr.Name(VALUES)));
            } else if (needed) {
                w.write(node);
            }
        }
    }

    private long channels(String value, long batch) {
        long[] heads = headed(value, batch);
        return heads[0] * heads[1];
    }

    /** Heads, and channels of each. */
    private long[] headed(String value, long batch) {
        long[] shape = Objects.requireNonNull(probed.shape(value));
        return shape.length == 4
                ? new long[] {shape[1], shape[3]}
                : new long[] {Math.max(1, shape[0] / batch), shape[2]};
    }

    private String heads(String value, String tokens, long batch) {
        long[] heads = headed(value, batch);
        String apart =
                "torch.transpose(torch.unflatten(" + tokens + ", 2, [" + heads[0] + ", " + heads[1] + "]), 1, 2)";
        return probed.rank(value) == 4 ? apart : "torch.flatten(" + apart + ", 0, 1)";
    }

    /** Values of which the shapes must be known. */
    static List<String> asked(Cut cut, Segments segments, int site) {
        List<String> asked = new ArrayList<>();
        products(cut, segments, site).forEach(node -> {
            asked.add(Objects.requireNonNull(node.value(1)));
            asked.add(Objects.requireNonNull(node.value(2)));
        });
        return asked;
    }
}
