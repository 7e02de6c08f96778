package io.adacache.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;

/** A time is kept on machines whose speed drifts, or it is said early that it cannot be. No clock runs here. */
class TimeBudgetTest {
    private static final double NANOS = 1e9;

    /** What a made-up generation took, and the step at which it was said that the time cannot be kept; 0 if it was not. */
    private record Took(double seconds, int saidAt, boolean spare, int computed) {}

    private interface Speed {
        double computedStep(int step);
    }

    /** Whoever computes whenever it can be afforded. */
    private static Took generate(double seconds, int steps, double share, Speed speed) {
        TimeBudget budget = new TimeBudget(seconds, steps);
        double clock = 0;
        int saidAt = 0;
        boolean spare = false;
        boolean computed = true;
        int count = 0;
        for (int step = 1; step <= steps; step++) {
            budget.begin(step, (long) (clock * NANOS), computed);
            saidAt = saidAt == 0 && budget.certain().isPresent() ? step : saidAt;
            spare |= !budget.notes().isEmpty();
            computed = budget.affordable().orElse(1) >= 0.5;
            count += computed ? 1 : 0;
            clock += speed.computedStep(step) * (computed ? 1 : share);
        }
        return new Took(clock, saidAt, spare, count);
    }

    @Test
    void aSteadyMachineKeepsTheTimeWithinHalfAStep() {
        for (double seconds = 6; seconds < 30; seconds += 0.7) {
            Took took = generate(seconds, 30, 0.03, step -> 1);
            assertThat(took.seconds()).isCloseTo(seconds, within(0.55));
            assertThat(took.saidAt()).isZero();
        }
    }

    @Test
    void aSlowFirstStepAndADriftAreFollowed() {
        long seed = 20261127;
        Random random = new Random(seed);
        int kept = 0;
        for (int i = 0; i < 1000; i++) {
            double settling = 3 * random.nextDouble();
            double drift = Math.exp(random.nextGaussian() / 4);
            int steps = 30 + random.nextInt(40);
            double seconds = steps * (0.45 + 0.3 * random.nextDouble());
            Took took = generate(
                    seconds,
                    steps,
                    0.03,
                    step -> (step == 1 ? 1 + settling : 1)
                            * Math.pow(drift, (double) step / steps)
                            * (0.95 + 0.1 * random.nextDouble()));
            double off = Math.abs(took.seconds() / seconds - 1);
            kept += off <= 0.05 || took.spare() || took.saidAt() > 0 ? 1 : 0;
        }
        assertThat(kept).as("of 1000, seed %d", seed).isGreaterThanOrEqualTo(950);
    }

    @Test
    void whatCannotBeKeptIsSaidWhenItIsCertain() {
        Took took = generate(2, 30, 0.2, step -> 1);
        assertThat(took.saidAt()).isBetween(2, 4);
        assertThat(took.computed()).isLessThanOrEqualTo(2);
    }

    @Test
    void timeForMoreThanThereIsToDoIsSaid() {
        Took took = generate(100, 30, 0.03, step -> 1);
        assertThat(took.spare()).isTrue();
        assertThat(took.computed()).isEqualTo(30);
    }
}
