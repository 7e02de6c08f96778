package io.adacache.calibrate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class RanksTest {
    @Test
    void theOrderCountsAlone() {
        double[] a = {1, 2, 3, 4, 5};
        assertThat(Ranks.correlation(a, new double[] {1, 10, 100, 1000, 1e9})).isCloseTo(1, within(1e-12));
        assertThat(Ranks.correlation(a, new double[] {5, 4, 3, 2, 1})).isCloseTo(-1, within(1e-12));
        // One minus 6 sum d^2 / (n (n^2 - 1)), d = 1, 1, 0, 1, 1.
        assertThat(Ranks.correlation(a, new double[] {2, 1, 3, 5, 4})).isCloseTo(1 - 6.0 * 4 / 120, within(1e-12));
    }

    @Test
    void equalValuesShareARank() {
        assertThat(Ranks.correlation(new double[] {1, 1, 2}, new double[] {3, 3, 9}))
                .isCloseTo(1, within(1e-12));
        assertThat(Ranks.correlation(new double[] {1, 2}, new double[] {1, 2})).isNaN();
    }
}
