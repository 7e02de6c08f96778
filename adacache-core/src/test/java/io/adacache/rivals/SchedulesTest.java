package io.adacache.rivals;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.adacache.policy.CachePolicy;
import io.adacache.policy.Generation;
import io.adacache.testkit.CachePolicyKit;
import io.adacache.testkit.Layouts;
import io.adacache.testkit.MadeUpNumbers;
import io.adacache.testkit.PolicyDriver;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class SchedulesTest {
    /** The steps of an even schedule are found without trying all of them. */
    @Test
    void evenIsFoundAsItIsDefined() {
        for (int steps = 1; steps < 40; steps++) {
            for (int computed = 1; computed <= steps; computed++) {
                List<Integer> expected = new ArrayList<>();
                for (int i = 0; i < computed; i++) {
                    expected.add(1 + (int) Math.round(computed == 1 ? 0 : (double) i * (steps - 1) / (computed - 1)));
                }
                assertThat(computed(Schedules.even(computed), steps))
                        .as("%d of %d", computed, steps)
                        .isEqualTo(expected.stream().distinct().toList());
            }
        }
    }

    @Nested
    class None extends CachePolicyKit {
        @Override
        protected CachePolicy policy(int steps) {
            return Schedules.none();
        }
    }

    @Nested
    class EverySecond extends CachePolicyKit {
        @Override
        protected CachePolicy policy(int steps) {
            return Schedules.every(2);
        }
    }

    @Nested
    class Chosen extends CachePolicyKit {
        @Override
        protected CachePolicy policy(int steps) {
            return Made.policy("steps:1-" + Math.max(1, steps / 2) + ";" + steps);
        }
    }

    @Nested
    class Even extends CachePolicyKit {
        @Override
        protected CachePolicy policy(int steps) {
            return Schedules.even(Math.max(1, steps / 3));
        }
    }

    private static List<Integer> computed(CachePolicy policy, int steps) {
        return PolicyDriver.drive(policy, Layouts.openSora(1), Generation.of(steps), MadeUpNumbers.plausible(1))
                .stream()
                .filter(PolicyDriver.Driven::isComputed)
                .map(PolicyDriver.Driven::step)
                .toList();
    }

    @Test
    void everyNthAndTheLast() {
        assertThat(computed(Schedules.every(1), 4)).containsExactly(1, 2, 3, 4);
        assertThat(computed(Schedules.every(3), 10)).containsExactly(1, 4, 7, 10);
        assertThat(computed(Schedules.every(3), 9)).containsExactly(1, 4, 7, 9);
        assertThat(computed(Schedules.every(50), 9)).containsExactly(1, 9);
    }

    @Test
    void evenlySpacedWithBothEnds() {
        assertThat(computed(Schedules.even(1), 9)).containsExactly(1);
        assertThat(computed(Schedules.even(2), 9)).containsExactly(1, 9);
        assertThat(computed(Schedules.even(3), 9)).containsExactly(1, 5, 9);
        for (int steps = 1; steps <= 40; steps++) {
            for (int count = 1; count <= steps; count++) {
                assertThat(computed(Schedules.even(count), steps))
                        .as("%d of %d", count, steps)
                        .hasSize(count)
                        .contains(1);
            }
        }
    }

    @Test
    void chosenSteps() {
        assertThat(computed(Schedules.steps(List.of(1, 2, 5)), 9)).containsExactly(1, 2, 5);
        assertThat(computed(Made.policy("steps:1-3;7;5"), 9)).containsExactly(1, 2, 3, 5, 7);
        assertThat(computed(Made.policy("steps:computed=1+9"), 9)).containsExactly(1, 9);
    }

    @Test
    void nonsenseIsRefused() {
        assertThatThrownBy(() -> Schedules.every(0)).hasMessageContaining("1 or more");
        assertThatThrownBy(() -> Schedules.even(0)).hasMessageContaining("1 or more");
        assertThatThrownBy(() -> Schedules.even(10).begin(Layouts.openSora(1), Generation.of(9)))
                .hasMessageContaining("10")
                .hasMessageContaining("9 announced");
        assertThatThrownBy(() -> Schedules.steps(List.of(2, 3))).hasMessageContaining("step 1");
        assertThatThrownBy(() -> Schedules.steps(List.of(0, 1))).hasMessageContaining("count from 1");
        assertThatThrownBy(() -> Made.policy("steps:1;40").begin(Layouts.openSora(1), Generation.of(30)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("steps:computed=1;40")
                .hasMessageContaining("30 announced");
        assertThatThrownBy(() -> Made.policy("steps")).hasMessageContaining("needs the setting 'computed'");
        assertThatThrownBy(() -> Made.policy("every:0")).hasMessageContaining("1 or more, but got '0'");
        assertThatThrownBy(() -> Generation.of(0)).hasMessageContaining("at least one step");
        assertThatThrownBy(() -> new Generation(3, List.of("a", "a"), List.of()))
                .hasMessageContaining("[a, a]");
        assertThatThrownBy(() -> new Generation(3, List.of(), List.of())).hasMessageContaining("branches");
        assertThatThrownBy(() -> new Generation(3, List.of("a"), List.of(1.0))).hasMessageContaining("timesteps");
    }
}
