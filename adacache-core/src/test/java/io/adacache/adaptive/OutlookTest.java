package io.adacache.adaptive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;

/** Forecasts of sums whose way is known in closed form. */
class OutlookTest {
    private static final int[] STEPS = {1, 2, 5, 7};

    /** Sums of two numbers, computed in some steps. */
    private static Gram gram(int[] steps, IntToDoubleFunction first, IntToDoubleFunction second) {
        Gram gram = new Gram(4);
        for (int n = 0; n < steps.length; n++) {
            double[] toKept = new double[n];
            for (int back = 1; back <= n; back++) {
                int now = steps[n];
                int then = steps[n - back];
                toKept[back - 1] = Math.pow(first.applyAsDouble(now) - first.applyAsDouble(then), 2)
                        + Math.pow(second.applyAsDouble(now) - second.applyAsDouble(then), 2);
            }
            gram.push(steps[n], toKept);
        }
        return gram;
    }

    private static double forecast(Outlook outlook, Gram gram, int ahead, IntToDoubleFunction sum) {
        double[] weights = outlook.weights(gram, ahead);
        double value = 0;
        for (int i = 0; i < weights.length; i++) {
            value += weights[i] * sum.applyAsDouble(gram.step(i));
        }
        return value;
    }

    @Test
    void aStandingSumIsRepeatedWithoutError() {
        Gram gram = gram(STEPS, n -> 3, n -> 4);
        Outlook outlook = Outlook.of(gram, 5, 2);
        assertThat(outlook.error(3)).isZero();
        assertThat(forecast(outlook, gram, 3, n -> 3)).isCloseTo(3, within(1e-12));
    }

    @Test
    void aStraightWayIsForecastExactlyAsFarAsItReachesBack() {
        IntToDoubleFunction straight = n -> 2 + 3 * n;
        Gram gram = gram(STEPS, straight, n -> 1 - n);
        for (int order = 1; order <= 2; order++) {
            Outlook outlook = Outlook.of(gram, 5, order);
            assertThat(outlook.error(2)).as("order %d", order).isCloseTo(0, within(1e-5));
            assertThat(forecast(outlook, gram, 2, straight)).isCloseTo(straight.applyAsDouble(9), within(1e-9));
        }
    }

    @Test
    void aParabolaIsForecastExactlyByOrderTwo() {
        IntToDoubleFunction parabola = n -> 1 - 2 * n + 0.5 * n * n;
        Gram gram = gram(STEPS, parabola, n -> n * n);
        Outlook outlook = Outlook.of(gram, 5, 2);
        for (int ahead = 1; ahead < 6; ahead++) {
            assertThat(outlook.order(ahead)).isEqualTo(2);
            assertThat(outlook.error(ahead)).isCloseTo(0, within(1e-5));
            assertThat(forecast(outlook, gram, ahead, parabola))
                    .isCloseTo(parabola.applyAsDouble(7 + ahead), within(1e-9));
        }
    }

    @Test
    void repeatingGrowsWithTheWay() {
        Outlook outlook = Outlook.of(gram(new int[] {1, 4}, n -> n, n -> 0), 2, 2);
        assertThat(outlook.repeat()).isCloseTo(0.5, within(1e-12));
        assertThat(outlook.error(4)).isCloseTo(2, within(1e-12));
        assertThat(outlook.order(4)).isZero();
    }

    /** Beyond its reach a linear forecast stays where it is, and misses all that goes on. */
    @Test
    void aStraightWayIsMissedBeyondTheReach() {
        Outlook outlook = Outlook.of(gram(new int[] {1, 2, 5, 7}, n -> 3 * n, n -> 4 * n), 10, 1);
        assertThat(outlook.damping()).isCloseTo(1, within(1e-12));
        assertThat(outlook.error(2)).isCloseTo(0, within(1e-5));
        assertThat(outlook.error(5)).isCloseTo(3 * 0.5, within(1e-5));
    }

    @Test
    void aChangeIsExpectedToFallToTheMeanOfTwoAtMost() {
        Outlook large = Outlook.of(gram(new int[] {1, 2}, n -> 4 * n, n -> 0), 1, 1);
        Outlook small = Outlook.of(gram(new int[] {1, 2}, n -> n, n -> 0), 1, 1);
        assertThat(small.after(large).repeat()).isCloseTo(2.5, within(1e-12));
        assertThat(small.after(large).measured()).isCloseTo(1, within(1e-12));
        assertThat(small.after(large).error(2)).isCloseTo(5, within(1e-12));
        assertThat(large.after(small)).isSameAs(large);
        // What the one before was expected to be does not matter, only what it was.
        assertThat(small.after(small.after(large))).isSameAs(small);
        assertThat(small.after(Outlook.NONE)).isSameAs(small);
        Outlook still = Outlook.of(gram(new int[] {1, 2}, n -> 1, n -> 0), 1, 1);
        assertThat(still.after(large)).isSameAs(still);
    }

    @Test
    void aTurnIsNotForecast() {
        Gram gram = gram(new int[] {1, 2, 3}, n -> n == 2 ? 1 : 0, n -> 0);
        Outlook outlook = Outlook.of(gram, 1, 1);
        assertThat(outlook.damping()).isZero();
        assertThat(forecast(outlook, gram, 1, n -> n == 2 ? 1 : 0)).isZero();
    }

    @Test
    void nothingIsKnownAfterOneSum() {
        Gram gram = gram(new int[] {1}, n -> n, n -> n);
        assertThat(Outlook.of(gram, 1, 1).error(1)).isNaN();
    }
}
