package io.adacache;

import io.adacache.layout.Layout;
import io.adacache.layout.Span;
import java.util.List;
import java.util.Locale;

/** How finely residuals are kept while one schedule holds for all of them. The result is the same, the memory is not. */
public enum Granularity {
    /** One sum for the whole stack: two activation-sized tensors with the probe. The default. */
    FUSED {
        @Override
        List<Span> cut(Layout layout) {
            return List.of(layout.stack());
        }
    },
    /** Two sums per transformer block, as the published code keeps them: 112 tensors on Open-Sora. A yardstick. */
    PAIRS {
        @Override
        List<Span> cut(Layout layout) {
            return layout.pairs();
        }
    },
    /** Every residual alone: 168 tensors on Open-Sora. A yardstick. */
    SITES {
        @Override
        List<Span> cut(Layout layout) {
            return layout.perSite();
        }
    };

    abstract List<Span> cut(Layout layout);

    /** Returns the name used in settings: {@code fused}, {@code pairs}, {@code sites}. */
    public String id() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * Returns the granularity with the given {@linkplain #id() id}.
     *
     * @throws IllegalArgumentException if there is none
     */
    static Granularity of(String id) {
        for (Granularity granularity : values()) {
            if (granularity.id().equals(id)) {
                return granularity;
            }
        }
        throw new IllegalArgumentException("Unknown spans '" + id + "'; known: fused, pairs, sites");
    }
}
