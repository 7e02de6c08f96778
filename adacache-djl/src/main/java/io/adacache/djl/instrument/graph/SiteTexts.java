package io.adacache.djl.instrument.graph;

import io.adacache.layout.ResidualKind;
import java.util.ArrayList;
import java.util.List;

/** Names sites: their kinds and blocks, as far as the text tells. */
final class SiteTexts {
    private final Cut cut;
    private final Segments segments;

    SiteTexts(Cut cut, Segments segments) {
        this.cut = cut;
        this.segments = segments;
    }

    List<Spine.SiteText> sites() {
        List<Spine.SiteText> sites = new ArrayList<>();
        int attentions = 0;
        boolean swapped = false;
        boolean grouped = grouped();
        for (int k = 0; k < cut.sites().size(); k++) {
            SiteFacts facts = new SiteFacts(cut, segments, k);
            SiteFacts.Kind kind = facts.kind();
            swapped ^= swaps(k);
            attentions += kind == SiteFacts.Kind.SELF_ATTENTION ? 1 : 0;
            int block = facts.block();
            if (block < 0 && kind != SiteFacts.Kind.POSITION) {
                block = Math.max(0, attentions - 1);
            }
            sites.add(text(k, residual(kind, facts, grouped, swapped), block, facts.where()));
        }
        positions(sites);
        return sites;
    }

    private Spine.SiteText text(int k, ResidualKind kind, int block, String where) {
        List<StreamAdd> adds = cut.sites().get(k);
        int streams = (int) cut.states().get(k + 1).stream()
                .filter(v -> !cut.states().get(k).contains(v))
                .count();
        int added = (int) adds.stream().filter(a -> !a.exchanges()).count();
        int changed = Math.max(1, Math.min(streams, added));
        return new Spine.SiteText(k, kind, block, where, adds.get(0).node().line(), changed, added - changed + 1);
    }

    /** A position term belongs to the block before whose first residual it is added. */
    private static void positions(List<Spine.SiteText> sites) {
        for (int k = sites.size() - 1; k >= 0; k--) {
            Spine.SiteText s = sites.get(k);
            if (s.block() < 0) {
                int block = k + 1 < sites.size() ? sites.get(k + 1).block() : 0;
                sites.set(k, new Spine.SiteText(k, s.kind(), block, s.where(), s.line(), s.streams(), s.merged()));
            }
        }
    }

    /** Whether the one stream is regrouped between additions. */
    private boolean grouped() {
        for (int k = 0; k < cut.sites().size(); k++) {
            for (StreamAdd add : cut.sites().get(k)) {
                boolean regroups = cut.glue(add, cut.states().get(k)).stream()
                        .anyMatch(n -> SiteFacts.REGROUPING.contains(n.shortOp()));
                if (regroups && cut.states().get(0).size() == 1) {
                    return true;
                }
            }
        }
        return false;
    }

    private static ResidualKind residual(SiteFacts.Kind kind, SiteFacts facts, boolean grouped, boolean swapped) {
        return switch (kind) {
            case SELF_ATTENTION -> attention(facts.rearranged(), grouped, swapped);
            case CROSS_ATTENTION -> ResidualKind.CROSS_ATTENTION;
            case MLP -> ResidualKind.MLP;
            case POSITION -> ResidualKind.POSITION;
        };
    }

    /** Over all tokens; or over groups of neighbours, which are frames; or over groups after an exchange, which are places. */
    private static ResidualKind attention(SiteFacts.Rearranged here, boolean grouped, boolean swapped) {
        if (!grouped && !here.grouped()) {
            return ResidualKind.JOINT_ATTENTION;
        }
        return here.swapped() ^ swapped ? ResidualKind.TEMPORAL_ATTENTION : ResidualKind.SPATIAL_ATTENTION;
    }

    private boolean swaps(int site) {
        boolean swaps = false;
        List<StreamAdd> adds = cut.sites().get(site);
        for (Node node : cut.glue(adds.get(adds.size() - 1), cut.states().get(site))) {
            swaps ^= SiteFacts.swapsTokens(node);
        }
        return swaps;
    }
}
