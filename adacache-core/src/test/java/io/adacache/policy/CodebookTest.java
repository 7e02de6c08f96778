package io.adacache.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CodebookTest {
    private static final Codebook FAST = Codebook.parse("0.08:6;0.16:5;0.24:4;0.32:3;0.40:2;1.00:1");

    @ParameterizedTest
    @CsvSource({
        "0, 6",
        "0.0799, 6",
        "0.08, 5",
        "0.1, 5",
        "0.16, 4",
        "0.3, 3",
        "0.39, 2",
        "0.4, 1",
        "0.99, 1",
        "1, 1",
        "50, 1",
        "NaN, 1",
        "Infinity, 1"
    })
    void theFirstThresholdAboveTheDistanceGivesTheRate(double distance, int rate) {
        assertThat(FAST.rate(distance)).isEqualTo(rate);
    }

    @Test
    void oneEntryIsTakenForEverything() {
        Codebook one = Codebook.parse("0.1:7");
        assertThat(one.rate(0)).isEqualTo(7);
        assertThat(one.rate(5)).isEqualTo(7);
        assertThat(one.margin(5)).isEqualTo(1);
    }

    @Test
    void theMarginIsRelativeAndLeavesOutTheLastThreshold() {
        assertThat(FAST.margin(0.15)).isCloseTo(0.0625, within(1e-12));
        assertThat(FAST.margin(1.0)).isCloseTo(1.5, within(1e-12));
    }

    @Test
    void whatIsWrittenCanBeRead() {
        assertThat(Codebook.parse(FAST.toString())).isEqualTo(FAST);
        assertThat(Codebook.parse("0.08:6+0.16:5 + 1:1")).isEqualTo(Codebook.parse("0.08:6;0.16:5;1.0:1"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "0.1",
                "0.1:x",
                "a:1",
                "0.1:1:2",
                "0.1:0",
                "0:1",
                "-1:2",
                "NaN:1",
                "0.2:1;0.1:2",
                "0.1:1;0.1:2"
            })
    void whatIsNoCodebookIsRefused(String text) {
        assertThatThrownBy(() -> Codebook.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageMatching("(?s).{15,}");
    }
}
