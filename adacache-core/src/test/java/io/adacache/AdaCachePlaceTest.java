package io.adacache;

import static io.adacache.layout.ResidualKind.CROSS_ATTENTION;
import static io.adacache.layout.ResidualKind.JOINT_ATTENTION;
import static io.adacache.layout.ResidualKind.MLP;
import static io.adacache.layout.ResidualKind.SPATIAL_ATTENTION;
import static io.adacache.layout.ResidualKind.TEMPORAL_ATTENTION;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.adacache.layout.Layout;
import io.adacache.layout.Layout.Granularity;
import io.adacache.layout.ResidualKind;
import io.adacache.layout.Span;
import io.adacache.metric.Measure;
import io.adacache.metric.Measure.Reference;
import io.adacache.metric.Metric;
import io.adacache.metric.Probe;
import io.adacache.policy.Generation;
import io.adacache.policy.PolicyRun;
import io.adacache.policy.Settings.Range;
import io.adacache.testkit.Layouts;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Where {@link AdaCache} measures, and how it cuts a layout. */
class AdaCachePlaceTest {
    private static final Layout OPEN_SORA = Layouts.openSora(28);

    private static List<List<Integer>> measured(AdaCache policy, Layout layout) {
        return policy.begin(layout, Generation.of(30)).measures().stream()
                .filter(Measure.Distance.class::isInstance)
                .map(measure -> ((Probe.Residuals) measure.probe()).sites())
                .toList();
    }

    private static List<Span> spans(AdaCache policy, Layout layout) {
        PolicyRun run = policy.begin(layout, Generation.of(30));
        return run.plan(null).stream().map(Span.class::cast).toList();
    }

    private static AdaCache.Builder residuals(ResidualKind first, ResidualKind... more) {
        return AdaCache.builder().residuals(first, more);
    }

    @Test
    void theTemporalAttentionOfTheMiddleBlockIsMeasured() {
        assertThat(measured(AdaCache.fast(), OPEN_SORA)).containsExactly(List.of(13 * 6 + 3));
        assertThat(OPEN_SORA.sites().get(13 * 6 + 3).kind()).isEqualTo(TEMPORAL_ATTENTION);
    }

    @Test
    void startMiddleEndAndABlockByNumber() {
        AdaCache policy =
                AdaCache.builder().locations("end", "start", "5", "middle").build();
        assertThat(measured(policy, OPEN_SORA))
                .as("in the order in which the blocks are run")
                .containsExactly(List.of(3), List.of(5 * 6 + 3), List.of(13 * 6 + 3), List.of(27 * 6 + 3));
    }

    @Test
    void theSpatialAttentionCanBeMeasured() {
        assertThat(measured(residuals(SPATIAL_ATTENTION).build(), OPEN_SORA)).containsExactly(List.of(13 * 6));
    }

    @Test
    void crossAttentionAndMlpAreMeasuredTogetherInBothBlocksOfAnIndex() {
        int first = 13 * 6;
        assertThat(measured(residuals(CROSS_ATTENTION, MLP).build(), OPEN_SORA))
                .containsExactly(List.of(first + 1, first + 2), List.of(first + 4, first + 5));
        assertThat(measured(residuals(MLP).build(), OPEN_SORA)).containsExactly(List.of(first + 2), List.of(first + 5));
    }

    @Test
    void aModelWithoutTemporalAttentionIsMeasuredAtTheAttentionItHas() {
        Layout joint = Layouts.joint(4);
        assertThat(measured(AdaCache.fast(), joint)).containsExactly(List.of(2));
        assertThat(joint.sites().get(2).kind()).isEqualTo(JOINT_ATTENTION);
    }

    @Test
    void aKindThatIsMissingIsAnErrorThatSaysSo() {
        AdaCache policy = residuals(CROSS_ATTENTION).build();
        assertThatThrownBy(() -> policy.begin(Layouts.joint(4), Generation.of(30)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("cross-attention")
                .hasMessageContaining("choose another");
    }

    @Test
    void aBlockThatIsMissingIsAnErrorThatSaysWhichThereAre() {
        AdaCache policy = AdaCache.builder().locations("28").build();
        assertThatThrownBy(() -> policy.begin(Layouts.openSora(2), Generation.of(30)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("no block 28")
                .hasMessageContaining("[0, 1]");
    }

    @Test
    void anOpaqueModelIsRefusedWithAdvice() {
        assertThatThrownBy(() -> AdaCache.fast().check(Layout.opaque(), Generation.of(30), "Export it"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("opaque")
                .hasMessageContaining("easycache")
                .hasMessageContaining("Export it");
    }

    @ParameterizedTest
    @EnumSource(Granularity.class)
    void theYardsticksAreThoseOfThePaper(Granularity granularity) {
        List<Span> spans = spans(AdaCache.builder().granularity(granularity).build(), OPEN_SORA);
        assertThat(spans)
                .hasSize(
                        switch (granularity) {
                            case FUSED -> 1;
                            case PAIRS -> 112;
                            case SITES -> 168;
                        });
    }

    @Test
    void onlyChosenSitesAreCachedAndTheCutStaysAPartition() {
        for (Layout layout : List.of(Layouts.openSora(3), Layouts.latte(3), Layouts.joint(4))) {
            for (Granularity granularity : Granularity.values()) {
                for (ResidualKind kind : List.of(MLP, SPATIAL_ATTENTION)) {
                    AdaCache policy = AdaCache.builder()
                            .granularity(granularity)
                            .only(site -> site.kind() != kind)
                            .build();
                    List<Span> spans = spans(policy, layout);
                    layout.checkPartition(spans);
                    PolicyRun run = policy.begin(layout, Generation.of(30));
                    assertThat(run.measures())
                            .allSatisfy(measure -> assertThat(((Measure.Distance) measure).reference())
                                    .isEqualTo(layout.has(kind) ? Reference.LAST_COMPUTED_STEP : Reference.LAST_TAKEN));
                    for (Span span : spans) {
                        long left = layout.sites().subList(span.first(), span.last()).stream()
                                .filter(site -> site.kind() == kind)
                                .count();
                        assertThat(left)
                                .as("%s is cached whole or not at all", span)
                                .isIn(0L, (long) span.size());
                    }
                }
            }
        }
    }

    @Test
    void cosineTakesItsMotionInL1() {
        AdaCache policy = AdaCache.builder().metric(Metric.COSINE).motion(true).build();
        assertThat(policy.begin(OPEN_SORA, Generation.of(30)).measures())
                .hasSize(2)
                .anySatisfy(measure -> assertThat(measure)
                        .isInstanceOfSatisfying(Measure.Motion.class, motion -> assertThat(motion.norm())
                                .isEqualTo(Metric.L1)));
    }

    @Test
    void thePublishedWindows() {
        assertThat(AdaCache.fast().motionWindow(30)).isEqualTo(new Range(4, 26));
        assertThat(AdaCache.fast().motionWindow(100)).isEqualTo(new Range(10, 90));
    }
}
