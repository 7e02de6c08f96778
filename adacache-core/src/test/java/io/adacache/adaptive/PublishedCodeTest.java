package io.adacache.adaptive;

import static org.assertj.core.api.Assertions.assertThat;

import io.adacache.metric.Sums;
import io.adacache.policy.Codebook;
import io.adacache.policy.Settings;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The published code's faults, each beside what is meant. */
class PublishedCodeTest {
    private final Arithmetic published = PublishedCode.of(Settings.of("adacache"));
    private final Arithmetic sound = Arithmetic.SOUND;

    @Test
    void sixEntriesAndFewerAreReadWhole() {
        Codebook six = Codebook.parse("0.1:7;0.2:6;0.3:5;0.4:4;0.5:3;1:2");
        assertThat(published.codebook(six)).isSameAs(six);
    }

    @Test
    void entriesAfterTheFifthAreSkipped() {
        Codebook eight = Codebook.parse("0.1:9;0.2:8;0.3:7;0.4:6;0.5:5;0.6:4;0.7:3;1:2");
        Codebook read = published.codebook(eight);
        assertThat(read.rate(0.45)).isEqualTo(5);
        assertThat(read.rate(0.55)).isEqualTo(2);
        assertThat(sound.codebook(eight).rate(0.55)).isEqualTo(4);
    }

    @Test
    void theDistanceIsDividedByTheScheduledGap() {
        assertThat(published.gap(6, 2)).isEqualTo(6);
        assertThat(sound.gap(6, 2)).isEqualTo(2);
    }

    @Test
    void whatIsNotANumberIsLookedUp() {
        assertThat(published.looksUp(Double.NaN)).isTrue();
        assertThat(sound.looksUp(Double.NaN)).isFalse();
        assertThat(sound.looksUp(0.1)).isTrue();
    }

    @Test
    void motionIsTakenWhereNoFramesWereCompared() {
        Sums none = Sums.of(new double[][] {{0, 0, 0}});
        assertThat(published.hasMotion(none)).isTrue();
        assertThat(sound.hasMotion(none)).isFalse();
    }

    @Test
    void theMotionFactorIsLeftBehind() {
        Arithmetic second =
                PublishedCode.of(Settings.of("adacache").with(AdaptiveSettings.MOTION_LEFT_BEHIND, List.of(0.3)));
        assertThat(second.firstFactor(0)).isEqualTo(0.3);
        assertThat(second.firstFactor(1)).isEqualTo(1);
        assertThat(sound.firstFactor(0)).isEqualTo(1);
    }
}
