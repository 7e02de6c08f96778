package io.adacache.djl;

import static org.assertj.core.api.Assertions.assertThat;

import io.adacache.AdaCache;
import io.adacache.layout.Layout;
import io.adacache.layout.ResidualKind;
import io.adacache.layout.Site;
import io.adacache.layout.Span;
import io.adacache.metric.Measure;
import io.adacache.metric.Probe;
import io.adacache.policy.Generation;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Where AdaCache measures on each layout, and how each is cut. */
class LayoutsTest {
    private static Layout layout(String file) {
        return Manifest.read(TestModels.file(file)).layout();
    }

    @ParameterizedTest
    @CsvSource({
        "open-sora-xl.json, temporal-attention, 13, 112",
        "latte-xl.json, temporal-attention, 13, 112",
        "open-sora-plan-xl.json, temporal-attention, 13, 112",
        "latte-class-xl.json, temporal-attention, 13, 56",
        "joint-tiny.pt, joint-attention, 1, 6",
    })
    void theMiddleBlocksTemporalAttentionIsMeasured(String file, String kind, int block, int pairs) {
        Layout layout = layout(file);
        List<Measure> measures =
                AdaCache.fast().begin(layout, Generation.of(30)).measures();
        assertThat(measures).hasSize(1);
        Probe.Residuals probe = (Probe.Residuals) measures.get(0).probe();
        assertThat(probe.sites()).hasSize(1);
        Site site = layout.sites().get(probe.sites().get(0));
        assertThat(site.kind()).isEqualTo(ResidualKind.of(kind));
        assertThat(site.block()).isEqualTo(block);
        assertThat(layout.pairs()).hasSize(pairs);
        layout.checkPartition(layout.pairs());
    }

    @Test
    void temporalBlocksOfLatteHaveNoCrossAttentionAndThePositionJoinsTheBlockBefore() {
        Layout layout = layout("latte-tiny.pt");
        for (Site site : layout.sitesOf(ResidualKind.CROSS_ATTENTION)) {
            assertThat(layout.attentionOf(site)).isEqualTo(ResidualKind.SPATIAL_ATTENTION);
        }
        assertThat(layout.sitesOf(ResidualKind.POSITION)).singleElement().satisfies(position -> {
            assertThat(position.index()).isEqualTo(3);
            assertThat(layout.pairs()).contains(new Span(1, 4));
        });
        assertThat(layout("latte-class-xl.json").has(ResidualKind.CROSS_ATTENTION))
                .isFalse();
        assertThat(layout("latte-class-xl.json").sitesOf(ResidualKind.POSITION)).hasSize(1);
    }
}
