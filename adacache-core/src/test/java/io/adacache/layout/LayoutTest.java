package io.adacache.layout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.adacache.testkit.Layouts;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class LayoutTest {
    static Stream<Layout> layouts() {
        return Layouts.all().stream().filter(layout -> !layout.isOpaque());
    }

    @ParameterizedTest
    @MethodSource("layouts")
    void everyCutIsAPartition(Layout layout) {
        layout.checkPartition(List.of(layout.stack()));
        layout.checkPartition(layout.perSite());
        layout.checkPartition(layout.pairs());
        layout.checkPartition(layout.transformerBlocks());
        for (ResidualKind kind : ResidualKind.values()) {
            layout.checkPartition(layout.runsBy(site -> site.kind() == kind));
        }
    }

    @Test
    void pairsAreAttentionAndTheRestOfTheBlock() {
        assertThat(Layouts.openSora(1).pairs())
                .containsExactly(new Span(0, 1), new Span(1, 3), new Span(3, 4), new Span(4, 6));
    }

    @Test
    void aPositionSiteJoinsTheSpanBeforeIt() {
        assertThat(Layouts.latte(1).pairs())
                .containsExactly(new Span(0, 1), new Span(1, 4), new Span(4, 5), new Span(5, 6));
        Layout first = Layout.of(List.of(
                new Site(0, 0, ResidualKind.POSITION),
                new Site(1, 0, ResidualKind.JOINT_ATTENTION),
                new Site(2, 0, ResidualKind.MLP)));
        assertThat(first.pairs()).containsExactly(new Span(0, 1), new Span(1, 2), new Span(2, 3));
        assertThat(first.transformerBlocks()).containsExactly(new Span(0, 3));
    }

    @Test
    void transformerBlocksGoFromAttentionToAttention() {
        assertThat(Layouts.openSora(2).transformerBlocks())
                .containsExactly(new Span(0, 3), new Span(3, 6), new Span(6, 9), new Span(9, 12));
        assertThat(Layouts.openSora(28).transformerBlocks()).hasSize(56);
    }

    @Test
    void aSiteKnowsTheAttentionOfItsBlock() {
        Layout layout = Layouts.openSora(1);
        assertThat(layout.sites())
                .extracting(layout::attentionOf)
                .containsExactly(
                        ResidualKind.SPATIAL_ATTENTION,
                        ResidualKind.SPATIAL_ATTENTION,
                        ResidualKind.SPATIAL_ATTENTION,
                        ResidualKind.TEMPORAL_ATTENTION,
                        ResidualKind.TEMPORAL_ATTENTION,
                        ResidualKind.TEMPORAL_ATTENTION);
    }

    @Test
    void wrongPartitionsAreRefused() {
        Layout layout = Layouts.openSora(1);
        for (List<Span> wrong : List.of(
                List.<Span>of(),
                List.of(new Span(0, 5)),
                List.of(new Span(1, 6)),
                List.of(new Span(0, 3), new Span(4, 6)),
                List.of(new Span(0, 4), new Span(3, 6)),
                List.of(new Span(3, 6), new Span(0, 3)),
                List.of(new Span(0, 7)))) {
            assertThatThrownBy(() -> layout.checkPartition(wrong))
                    .as("%s", wrong)
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void wrongLayoutsAreRefused() {
        assertThatThrownBy(() -> Layout.of(List.of())).hasMessageContaining("opaque()");
        assertThatThrownBy(() -> Layout.of(List.of(new Site(1, 0, ResidualKind.MLP))))
                .hasMessageContaining("position 0");
        assertThatThrownBy(() -> new Span(2, 2)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Layout.opaque().stack()).isInstanceOf(IllegalStateException.class);
    }

    @ParameterizedTest
    @EnumSource(ResidualKind.class)
    void kindsAreFoundByTheirId(ResidualKind kind) {
        assertThat(ResidualKind.of(kind.id())).isEqualTo(kind);
        assertThatThrownBy(() -> ResidualKind.of("t-attn")).hasMessageContaining(kind.id());
    }

    @Test
    void gridsCountTokensAndElements() {
        TokenGrid grid = new TokenGrid(2, 5, 3, 4, 8);
        assertThat(grid.tokens()).isEqualTo(17);
        assertThat(grid.elements()).isEqualTo(2 * 17 * 8);
        assertThat(new TokenGrid(2, 0, 30, 14400, 1152).elements()).isEqualTo(2L * 30 * 14400 * 1152);
    }
}
