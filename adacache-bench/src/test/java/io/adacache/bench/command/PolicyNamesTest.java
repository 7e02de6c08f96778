package io.adacache.bench.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class PolicyNamesTest {
    @Test
    void listsArePartedByCommasAndSpaces() {
        assertThat(PolicyNames.split(List.of("every-2,adacache-fast every-3", "even-9")))
                .containsExactly("none", "every-2", "adacache-fast", "every-3", "even-9");
    }

    @Test
    void settingsBelongToThePolicyBeforeThem() {
        assertThat(PolicyNames.split(List.of("every:n=2,adacache:metric=l2,motion=true,none")))
                .containsExactly("none", "every:n=2", "adacache:metric=l2,motion=true");
        assertThat(PolicyNames.split(List.of("adacache:metric=l2,codebook=0.1:2;1:1,every:n=2")))
                .containsExactly("none", "adacache:metric=l2,codebook=0.1:2;1:1", "every:n=2");
    }

    @Test
    void capitalsAndBlanksMeanNothing() {
        assertThat(PolicyNames.split(List.of("ADACACHE-Fast , None, adacache: metric = l2, motion=true  Every:n=2")))
                .containsExactly("none", "adacache-fast", "adacache:metric=l2,motion=true", "every:n=2");
    }

    @Test
    void shorthandsWithColonsStandAlone() {
        assertThat(PolicyNames.split(List.of("every:2,every:3"))).containsExactly("none", "every:2", "every:3");
    }
}
