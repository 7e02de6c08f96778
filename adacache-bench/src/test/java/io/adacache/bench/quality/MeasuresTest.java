package io.adacache.bench.quality;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.adacache.bench.pipeline.Clip;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

class MeasuresTest {
    private static final Path DISTANCE = Path.of("src/test/resources/io/adacache/bench/quality/distance.pt");

    /** A clip whose frames are grey, of these values. */
    private static Clip grey(double... frames) {
        float[] values = new float[3 * frames.length * 4];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) frames[i / 4 % frames.length];
        }
        return new Clip(frames.length, 2, 2, values);
    }

    @Test
    void aStillClipNeitherMovesNorFlickers() {
        assertThat(Steadiness.of(grey(0.5, 0.5, 0.5))).isEqualTo(new Steadiness(0, 0));
        assertThat(Steadiness.of(grey(0.5))).isEqualTo(new Steadiness(0, 0));
    }

    @Test
    void aRampMovesAndDoesNotFlicker() {
        Steadiness ramp = Steadiness.of(grey(0, 0.25, 0.5, 0.75));
        assertThat(ramp.motion()).isCloseTo(0.25, within(1e-6));
        assertThat(ramp.flicker()).isCloseTo(0, within(1e-6));
    }

    @Test
    void whatComesAndGoesFlickers() {
        Steadiness blinking = Steadiness.of(grey(0, 0.5, 0, 0.5));
        assertThat(blinking.motion()).isCloseTo(0.5, within(1e-6));
        assertThat(blinking.flicker()).isCloseTo(0.5, within(1e-6));
    }

    /** Every frame of a frozen clip may look good: what tells is that nothing moves any more. */
    @Test
    void motionKeptTellsAFrozenClip() {
        Steadiness moving = Steadiness.of(grey(0, 0.25, 0.5, 0.75));
        assertThat(Steadiness.of(grey(0.5, 0.5, 0.5, 0.5)).motionKept(moving)).hasValue(0);
        assertThat(moving.motionKept(moving)).hasValue(1);
        assertThat(Steadiness.of(grey(0, 0.1, 0.2, 0.3)).motionKept(moving).getAsDouble())
                .isCloseTo(0.4, within(1e-6));
        assertThat(moving.motionKept(Steadiness.of(grey(0.5, 0.5, 0.5, 0.5))))
                .as("a clip that stands still has none to keep")
                .isEmpty();
    }

    /** The network says the mean of each frame. */
    @Test
    void aScoreIsTheMeanOfWhatTheNetworkSays() {
        try (Networks networks = Networks.load(null, Map.of("mean", DISTANCE.resolveSibling("score.pt")))) {
            // Values 0..1 are given as -1..1.
            assertThat(networks.scores(grey(0.2, 0.5)).get("mean")).isCloseTo(-0.3, within(1e-6));
        }
        assertThat(Networks.NONE.scores(grey(0.2, 0.5))).isEmpty();
    }

    @Test
    void lpipsIsTheMeanOverFramesOfWhatTheNetworkSays() {
        try (Lpips network = Lpips.load(DISTANCE)) {
            assertThat(network.of(grey(0.2, 0.4), grey(0.2, 0.4))).isZero();
            // Values -1..1 are twice as far apart as 0..1: 2 * 0.1 in one of two frames.
            assertThat(network.of(grey(0.2, 0.4), grey(0.2, 0.5))).isCloseTo(0.1, within(1e-6));
        }
    }
}
