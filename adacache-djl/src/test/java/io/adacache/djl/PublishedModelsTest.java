package io.adacache.djl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.adacache.Policies;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class PublishedModelsTest {
    private static final Path FOLDER = Path.of("src/main/python/adacache_export/published");

    @Test
    void everyResourceIsListedAndItsSettingsExist() throws Exception {
        try (Stream<Path> files = Files.list(FOLDER)) {
            List<String> names = files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".json"))
                    .map(name -> name.replace(".json", ""))
                    .sorted()
                    .toList();
            assertThat(PublishedModels.families()).isEqualTo(names).hasSizeGreaterThan(8);
        }
        for (String family : PublishedModels.families()) {
            PublishedModels.policies(family).orElseThrow().forEach((policy, settings) -> assertThat(
                            Policies.provider(policy.split("[:@]")[0]).settings())
                    .as("%s, %s", family, policy)
                    .extracting(setting -> setting.name())
                    .containsAll(settings.keySet()));
        }
    }

    @Test
    void aModelGetsItsFamilysSettingsBehindItsOwn() {
        assertThat(PublishedModels.policy("pab", 30, "open-sora", Map.of()).name())
                .contains("window=450-930");
        assertThat(PublishedModels.policy("pab", 30, "open-sora", Map.of("pab", Map.of("window", "1-2")))
                        .name())
                .contains("window=1-2")
                .doesNotContain("mlp=");
        assertThat(PublishedModels.policy("pab:window=3-4", 30, "open-sora", Map.of())
                        .name())
                .contains("window=3-4");
    }

    @Test
    void anUnknownModelGetsNobodysAndIsToldWhatToDo() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PublishedModels.policy("teacache", 30, "a model of mine", Map.of()))
                .withMessageContaining("polynomial")
                .withMessageContaining("constant of the model")
                .withMessageContaining("model=NAME");
    }

    @Test
    void anotherModelsSettingsAreTakenWhereTheTextSaysSo() {
        assertThat(PublishedModels.policy("pab:fast,model=latte", 50, "open-sora", Map.of())
                        .name())
                .contains("window=100-800", "cross=9");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PublishedModels.policy("pab:model=nobody", 50, "", Map.of()))
                .withMessageContaining("'nobody'")
                .withMessageContaining("open-sora-plan");
    }
}
