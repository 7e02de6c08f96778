package io.adacache.bench.compare;

import static org.assertj.core.api.Assertions.assertThat;

import io.adacache.bench.pipeline.DemoModel;
import io.adacache.djl.Manifest;
import io.adacache.djl.PublishedModels;
import io.adacache.layout.Layout;
import io.adacache.layout.ResidualKind;
import io.adacache.policy.Generation;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class SweepsTest {
    @Test
    void everySettingIsAPolicyOfTheDemoModelsLayout() {
        Layout layout = Layout.repeating(
                3,
                ResidualKind.SPATIAL_ATTENTION,
                ResidualKind.CROSS_ATTENTION,
                ResidualKind.MLP,
                ResidualKind.TEMPORAL_ATTENTION,
                ResidualKind.CROSS_ATTENTION,
                ResidualKind.MLP);
        Generation generation = new Generation(30, List.of("single"), Collections.nCopies(30, 500.0));
        Manifest demo = Manifest.read(DemoModel.copyOut());
        List<String> all = Sweeps.expand(List.of("all", "table1", "table3"));
        assertThat(all).hasSizeGreaterThan(60);
        for (String policy : all) {
            assertThat(PublishedModels.policy(policy, 30, demo.family(), demo.policies())
                            .begin(layout, generation))
                    .isNotNull();
        }
    }

    @Test
    void wordsStandForListsAndNothingOccursTwice() {
        assertThat(Sweeps.expand(List.of("none", "table1", "tgate", "every-2")))
                .startsWith("none", "delta-dit", "tgate")
                .endsWith("every-2")
                .doesNotHaveDuplicates();
    }
}
