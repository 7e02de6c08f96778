package io.adacache.bench.sampler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class NoiseTest {
    @Test
    void theSameSeedGivesTheSameNoise() {
        assertThat(new Noise(3).next(7)).containsExactly(new Noise(3).next(7));
        assertThat(new Noise(3).next(7)).isNotEqualTo(new Noise(4).next(7));
    }

    /** A change here changes every clip of every seed. */
    @Test
    void theNoiseIsPinned() {
        assertThat(new Noise(1).next(3)).containsExactly(PINNED);
    }

    private static final float[] PINNED = {-0.03426732f, -1.2926085f, -2.5000675f};

    @Test
    void theNoiseIsGaussian() {
        float[] noise = new Noise(9).next(100_000);
        double sum = 0;
        double squares = 0;
        int beyondTwo = 0;
        for (float value : noise) {
            sum += value;
            squares += value * value;
            beyondTwo += Math.abs(value) > 2 ? 1 : 0;
        }
        assertThat(sum / noise.length).isCloseTo(0, within(0.01));
        assertThat(squares / noise.length).isCloseTo(1, within(0.02));
        assertThat(beyondTwo / (double) noise.length).isCloseTo(0.0455, within(0.003));
    }
}
