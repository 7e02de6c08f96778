package io.adacache.layout;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;

/**
 * All sites of a model, in the order in which their residuals are added. Immutable.
 *
 * <p>An <em>opaque</em> layout has no sites: such a model can only be cached as a whole call.
 */
public final class Layout {
    private static final Layout OPAQUE = new Layout(List.of());

    private final List<Site> sites;
    private final List<Span> transformerBlocks;

    private Layout(List<Site> sites) {
        this.sites = List.copyOf(sites);
        this.transformerBlocks = findTransformerBlocks(this.sites);
    }

    /**
     * Returns a layout of the given sites.
     *
     * @throws IllegalArgumentException if there is no site, or a site's index is not its position
     */
    public static Layout of(List<Site> sites) {
        if (sites.isEmpty()) {
            throw new IllegalArgumentException(
                    "A layout needs at least one site; use opaque() for a model without sites");
        }
        for (int i = 0; i < sites.size(); i++) {
            if (sites.get(i).index() != i) {
                throw new IllegalArgumentException(sites.get(i) + " stands at position " + i + " of the layout");
            }
        }
        return new Layout(sites);
    }

    /**
     * Returns a layout of blocks that are all alike: {@code repeating(28, SPATIAL_ATTENTION, CROSS_ATTENTION, MLP,
     * TEMPORAL_ATTENTION, CROSS_ATTENTION, MLP)} is Open-Sora's.
     */
    public static Layout repeating(int blocks, ResidualKind... kinds) {
        List<Site> sites = new ArrayList<>();
        for (int block = 0; block < blocks; block++) {
            for (ResidualKind kind : kinds) {
                sites.add(new Site(sites.size(), block, kind));
            }
        }
        return of(sites);
    }

    /** Returns the layout of a model without sites. */
    public static Layout opaque() {
        return OPAQUE;
    }

    /** Returns all sites in order. */
    public List<Site> sites() {
        return sites;
    }

    /** Whether there are no sites. */
    public boolean isOpaque() {
        return sites.isEmpty();
    }

    /**
     * Returns the span of all sites.
     *
     * @throws IllegalStateException if the layout is opaque
     */
    public Span stack() {
        if (isOpaque()) {
            throw new IllegalStateException("An opaque model has no sites and so no span");
        }
        return new Span(0, sites.size());
    }

    /** Returns the sites of one kind, in order. */
    public List<Site> sitesOf(ResidualKind kind) {
        return sites.stream().filter(site -> site.kind() == kind).toList();
    }

    /** Whether the model has a site of that kind. */
    public boolean has(ResidualKind kind) {
        return sites.stream().anyMatch(site -> site.kind() == kind);
    }

    /**
     * Returns the transformer blocks, each the span from one self-attention site to the next. Open-Sora's pair of a
     * spatial and a temporal block is two of them. Sites before the first attention belong to the first block.
     */
    public List<Span> transformerBlocks() {
        return transformerBlocks;
    }

    /** Returns the kind of self-attention of the transformer block in which a site lies. */
    public ResidualKind attentionOf(Site site) {
        for (Span block : transformerBlocks) {
            if (block.contains(site.index())) {
                return sites.subList(block.first(), block.last()).stream()
                        .map(Site::kind)
                        .filter(ResidualKind::isSelfAttention)
                        .findFirst()
                        .orElse(site.kind());
            }
        }
        throw new IllegalArgumentException(site + " is not of this layout");
    }

    /** Returns one span per site: every residual cached alone. */
    public List<Span> perSite() {
        return sites.stream().map(Span::of).toList();
    }

    /**
     * Returns the partition of the reference implementation: per transformer block the self-attention residual, and the
     * sum of the residuals after it (cross-attention and MLP). A position site joins the span before it, or stands alone
     * at the front.
     */
    public List<Span> pairs() {
        return split(
                (before, site) -> before.kind().isSelfAttention() || site.kind().isSelfAttention());
    }

    /**
     * Returns maximal spans such that all sites of one span agree on the predicate.
     *
     * @param property what the sites of a span have in common, or lack in common
     */
    public List<Span> runsBy(Predicate<Site> property) {
        return split((before, site) -> property.test(before) != property.test(site));
    }

    /**
     * Checks that the spans cover the layout once, in order.
     *
     * @throws IllegalArgumentException if they leave a gap, overlap, or end elsewhere
     */
    public void checkPartition(List<Span> spans) {
        int next = 0;
        for (Span span : spans) {
            if (span.first() != next) {
                throw new IllegalArgumentException("Spans " + spans
                        + " do not cover the layout: expected a span from site " + next + ", got " + span);
            }
            next = span.last();
        }
        if (next != sites.size()) {
            throw new IllegalArgumentException(
                    "Spans " + spans + " end at site " + next + " of " + sites.size() + "; a plan covers all sites");
        }
    }

    private interface Cut {
        boolean between(Site before, Site site);
    }

    private List<Span> split(Cut cut) {
        List<Span> spans = new ArrayList<>();
        int first = 0;
        for (int i = 1; i <= sites.size(); i++) {
            if (i == sites.size() || cut.between(sites.get(i - 1), sites.get(i))) {
                spans.add(new Span(first, i));
                first = i;
            }
        }
        return spans;
    }

    private static List<Span> findTransformerBlocks(List<Site> sites) {
        List<Span> blocks = new ArrayList<>();
        int first = 0;
        boolean seenAttention = false;
        for (Site site : sites) {
            if (site.kind().isSelfAttention()) {
                if (seenAttention) {
                    blocks.add(new Span(first, site.index()));
                    first = site.index();
                }
                seenAttention = true;
            }
        }
        if (!sites.isEmpty()) {
            blocks.add(new Span(first, sites.size()));
        }
        return List.copyOf(blocks);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Layout layout && layout.sites.equals(sites);
    }

    @Override
    public int hashCode() {
        return sites.hashCode();
    }

    @Override
    public String toString() {
        return isOpaque() ? "opaque layout" : "layout of " + sites.size() + " sites";
    }

    /** How finely residuals are kept while one schedule holds for all of them. The result is the same, the memory is not. */
    public enum Granularity {
        /** One sum for the whole stack: two activation-sized tensors with the probe. The default. */
        FUSED {
            @Override
            public List<Span> cut(Layout layout) {
                return List.of(layout.stack());
            }
        },
        /** Two sums per transformer block, as the published code keeps them: 112 tensors on Open-Sora. A yardstick. */
        PAIRS {
            @Override
            public List<Span> cut(Layout layout) {
                return layout.pairs();
            }
        },
        /** Every residual alone: 168 tensors on Open-Sora. A yardstick. */
        SITES {
            @Override
            public List<Span> cut(Layout layout) {
                return layout.perSite();
            }
        };

        /** Returns the spans of a layout. */
        public abstract List<Span> cut(Layout layout);

        /** Returns the name used in settings: {@code fused}, {@code pairs}, {@code sites}. */
        public String id() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
