package io.adacache.bench.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.adacache.djl.Manifest;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TrainedModelTest {
    @ParameterizedTest
    @EnumSource(TrainedModel.class)
    void promptsAreKnownAndInOneListOnly(TrainedModel model) {
        Vocabulary vocabulary = DemoSettings.of(Manifest.read(model.copyOut())).vocabulary();
        List<String> all = new ArrayList<>(model.shownPrompts());
        all.addAll(model.tuningPrompts());
        all.addAll(model.testPrompts());
        assertThat(model.tuningPrompts()).hasSizeGreaterThanOrEqualTo(20);
        assertThat(model.testPrompts()).hasSizeGreaterThanOrEqualTo(24);
        Set<Set<Vocabulary.Token>> meant = new HashSet<>();
        for (String prompt : all) {
            assertThat(meant.add(new HashSet<>(vocabulary.tokens(prompt))))
                    .as(prompt)
                    .isTrue();
        }
    }

    /** What the training scripts say of how each is sampled arrives in the program. */
    @ParameterizedTest
    @EnumSource(TrainedModel.class)
    void eachIsSampledAsItWasTrained(TrainedModel model) {
        Manifest manifest = Manifest.read(model.copyOut());
        Recipe recipe = Recipe.of(manifest);
        switch (model) {
            case DEMO -> assertThat(recipe).isEqualTo(new Recipe("rectified-flow", 30));
            case JOINT -> assertThat(recipe).isEqualTo(new Recipe("ddim", 50));
            default -> assertThat(recipe).isEqualTo(new Recipe("flow-unipc", 50, 3));
        }
        assertThat(Sampling.of(manifest).calls())
                .isEqualTo(model == TrainedModel.WAN ? GuidanceMode.SEPARATE : GuidanceMode.BATCHED);
    }
}
