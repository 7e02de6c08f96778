package io.adacache.bench.plan;

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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Layouts of well-known models by name and number of blocks: {@code open-sora:28}. */
public final class NamedLayouts {
    /** What the option's help says. */
    public static final String HELP =
            "open-sora:28, open-sora-plan:28, latte:28 (pairs of a spatial and a temporal block), joint:30 (blocks of joint"
                    + " attention and MLP), joint-cross:30 (with cross-attention), opaque";

    private static final Map<String, ResidualKind[]> KINDS = kinds();

    private NamedLayouts() {}

    private static Map<String, ResidualKind[]> kinds() {
        Map<String, ResidualKind[]> kinds = new LinkedHashMap<>();
        kinds.put(
                "open-sora",
                new ResidualKind[] {SPATIAL_ATTENTION, CROSS_ATTENTION, MLP, TEMPORAL_ATTENTION, CROSS_ATTENTION, MLP});
        kinds.put("open-sora-plan", new ResidualKind[] {SPATIAL_ATTENTION, CROSS_ATTENTION, MLP, TEMPORAL_ATTENTION, MLP
        });
        kinds.put("latte", new ResidualKind[] {SPATIAL_ATTENTION, CROSS_ATTENTION, MLP, TEMPORAL_ATTENTION, MLP});
        kinds.put("joint", new ResidualKind[] {JOINT_ATTENTION, MLP});
        kinds.put("joint-cross", new ResidualKind[] {JOINT_ATTENTION, CROSS_ATTENTION, MLP});
        return kinds;
    }

    /** Returns the family whose published settings apply to a layout: the name without the number of blocks. */
    public static String family(String text) {
        return text.split(":", 2)[0];
    }

    /**
     * Returns the layout.
     *
     * @param text name, or name and number of blocks (28 without one)
     * @throws IllegalArgumentException if there is no such layout
     */
    public static Layout parse(String text) {
        if (text.equals("opaque")) {
            return Layout.opaque();
        }
        String[] parts = text.split(":", 2);
        ResidualKind[] kinds = KINDS.get(parts[0]);
        if (kinds == null || (parts.length == 2 && !parts[1].matches("[1-9]\\d{0,3}"))) {
            throw new IllegalArgumentException("Unknown layout '" + text + "'; write " + HELP);
        }
        int blocks = parts.length == 1 ? 28 : Integer.parseInt(parts[1]);
        return parts[0].startsWith("open-sora-plan") || parts[0].equals("latte")
                ? withPosition(blocks, kinds)
                : Layout.repeating(blocks, kinds);
    }

    /** LatteT2V adds the temporal position embedding once, before its first temporal block. */
    private static Layout withPosition(int blocks, ResidualKind... kinds) {
        List<Site> sites = new ArrayList<>();
        for (int block = 0; block < blocks; block++) {
            for (ResidualKind kind : kinds) {
                if (block == 0 && kind == TEMPORAL_ATTENTION) {
                    sites.add(new Site(sites.size(), block, POSITION));
                }
                sites.add(new Site(sites.size(), block, kind));
            }
        }
        return Layout.of(sites);
    }
}
