package io.adacache.testkit;

import static io.adacache.layout.ResidualKind.CROSS_ATTENTION;
import static io.adacache.layout.ResidualKind.JOINT_ATTENTION;
import static io.adacache.layout.ResidualKind.MLP;
import static io.adacache.layout.ResidualKind.POSITION;
import static io.adacache.layout.ResidualKind.SPATIAL_ATTENTION;
import static io.adacache.layout.ResidualKind.TEMPORAL_ATTENTION;

import io.adacache.layout.Layout;
import io.adacache.layout.ResidualKind;
import io.adacache.layout.Site;
import java.util.ArrayList;
import java.util.List;

/** Layouts of the known model families, of any depth. */
public final class Layouts {
    private Layouts() {}

    /** Open-Sora 1.2: per index a spatial and a temporal block, each attention, cross-attention, MLP. */
    public static Layout openSora(int depth) {
        Sites sites = new Sites();
        for (int block = 0; block < depth; block++) {
            sites.add(block, SPATIAL_ATTENTION, CROSS_ATTENTION, MLP, TEMPORAL_ATTENTION, CROSS_ATTENTION, MLP);
        }
        return sites.layout();
    }

    /** Latte: spatial blocks with cross-attention, temporal ones without, a position site before the first temporal block. */
    public static Layout latte(int depth) {
        Sites sites = new Sites();
        for (int block = 0; block < depth; block++) {
            sites.add(block, SPATIAL_ATTENTION, CROSS_ATTENTION, MLP);
            if (block == 0) {
                sites.add(block, POSITION);
            }
            sites.add(block, TEMPORAL_ATTENTION, MLP);
        }
        return sites.layout();
    }

    /** Joint attention over all tokens: attention and MLP. */
    public static Layout joint(int depth) {
        Sites sites = new Sites();
        for (int block = 0; block < depth; block++) {
            sites.add(block, JOINT_ATTENTION, MLP);
        }
        return sites.layout();
    }

    /** One temporal attention and nothing else. */
    public static Layout oneSite() {
        return new Sites().add(0, TEMPORAL_ATTENTION).layout();
    }

    /** All of the above, and an opaque layout. */
    public static List<Layout> all() {
        return List.of(openSora(1), openSora(5), latte(3), joint(4), oneSite(), Layout.opaque());
    }

    private static final class Sites {
        private final List<Site> sites = new ArrayList<>();

        Sites add(int block, ResidualKind... kinds) {
            for (ResidualKind kind : kinds) {
                sites.add(new Site(sites.size(), block, kind));
            }
            return this;
        }

        Layout layout() {
            return Layout.of(sites);
        }
    }
}
