package io.adacache.bench.sampler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class TimestepsTest {
    @Test
    void linearTimestepsFallFromNoise() {
        assertThat(Timesteps.linear(4)).containsExactly(1000, 750, 500, 250);
        assertThat(Timesteps.linear(3)[1]).isEqualTo((float) (2000 / 3.0));
    }

    @Test
    void noStepsAreRefused() {
        assertThatThrownBy(() -> Timesteps.linear(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("at least one step");
    }

    /** First figures of recordings of the authors' code: 64 x 64 pixels, 27 frames. */
    @Test
    void transformedTimestepsAreThoseOfTheAuthors() {
        assertThat(Timesteps.transformed(30, 64, 64, 27))
                .startsWith(1000.0001220703125f, 890.1793212890625f, 796.46337890625f);
        assertThat(Timesteps.transformed(100, 64, 64, 27)).startsWith(1000.0001220703125f, 965.1221923828125f);
    }

    /** A single frame counts as one latent frame, so that nothing is bent at 512 x 512. */
    @Test
    void aSingleFrameCountsAsOne() {
        assertThat(Timesteps.transformed(30, 512, 512, 1)).startsWith(1000.0f, 966.6666870117188f, 933.3333129882812f);
    }

    @Test
    void theTransformIsItsFormula() {
        double ratio = Math.sqrt(480.0 * 854 / (512 * 512)) * Math.sqrt(15);
        float[] timesteps = Timesteps.transformed(30, 480, 854, 51);
        for (int i = 0; i < 30; i++) {
            double t = 1 - i / 30.0;
            assertThat((double) timesteps[i]).isCloseTo(1000 * ratio * t / (1 + (ratio - 1) * t), within(1e-3));
        }
    }
}
