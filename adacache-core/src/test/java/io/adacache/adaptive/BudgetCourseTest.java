package io.adacache.adaptive;

import static org.assertj.core.api.Assertions.assertThat;

import io.adacache.Policies;
import io.adacache.policy.Generation;
import java.util.List;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How a budget of calls is spread: by what changes, not by a course that one sampler happens to have. */
class BudgetCourseTest {
    /** Computed steps where what is kept goes so far in each step, at a right angle to what it is. */
    private static List<Integer> computed(int steps, int calls, List<Double> gains, IntToDoubleFunction way) {
        double[][] sums = new double[steps][2];
        double at = 0;
        for (int i = 0; i < steps; i++) {
            at += i == 0 ? 0 : way.applyAsDouble(i);
            sums[i] = new double[] {1, at};
        }
        Generation generation = new Generation(steps, List.of(Generation.SINGLE_BRANCH), List.of(), gains);
        return PlusRuleTest.computed(PlusRuleTest.drive(
                Policies.parse("adacache-plus:forecast=0,weigh=flat,calls=" + calls), generation, sums));
    }

    private static List<Integer> gaps(List<Integer> computed) {
        return IntStream.range(1, computed.size())
                .mapToObj(i -> computed.get(i) - computed.get(i - 1))
                .toList();
    }

    /** The first gap is between the two steps that are computed in any case, the last is what was left over. */
    private static List<Integer> chosen(List<Integer> gaps) {
        return gaps.subList(1, gaps.size() - 1);
    }

    @ParameterizedTest
    @CsvSource({"20,8", "30,8", "30,12", "50,10", "50,16", "100,12", "100,40"})
    void anEvenChangeIsComputedEvenly(int steps, int calls) {
        List<Integer> computed = computed(steps, calls, List.of(), i -> 0.2 / steps);

        assertThat(computed).hasSize(calls);
        List<Integer> chosen = chosen(gaps(computed));
        int even = (steps - 2) / (calls - 2);
        assertThat(chosen).as("%s", computed).allMatch(gap -> Math.abs(gap - even) <= 1);
    }

    @ParameterizedTest
    @CsvSource({"30,10", "50,16", "100,20"})
    void whatChangesAtTheBeginningIsComputedThere(int steps, int calls) {
        List<Integer> computed = computed(steps, calls, List.of(), i -> Math.exp(-12.0 * i / steps));

        assertThat(computed).hasSize(calls);
        assertThat(computed.stream().filter(step -> step <= steps / 3).count())
                .as("%s", computed)
                .isGreaterThan(calls / 2);
    }

    /** Nothing says at the beginning that changes will grow: the budget must not be waited with, and must not be gone when they do. */
    @ParameterizedTest
    @CsvSource({"30,10", "50,16", "100,20"})
    void whatChangesAtTheEndIsComputedThereWithoutWaiting(int steps, int calls) {
        List<Integer> computed = computed(steps, calls, List.of(), i -> 0.001 * Math.exp(4.0 * i / steps));

        List<Integer> chosen = chosen(gaps(computed));
        assertThat(chosen).as("%s", computed).allMatch(gap -> gap <= (steps - 2) / (calls - 3) + 1);
        assertThat(computed.stream().filter(step -> step > steps / 2).count())
                .as("%s", computed)
                .isGreaterThanOrEqualTo(calls / 2);
    }

    @Test
    void whatASamplerDoesToThePredictionDoesNotMatter() {
        List<Double> falling = IntStream.range(0, 50).mapToObj(i -> 50.0 - i).toList();
        List<Double> rising = IntStream.range(0, 50).mapToObj(i -> 1.0 + i).toList();

        assertThat(computed(50, 16, falling, i -> 0.01)).isEqualTo(computed(50, 16, rising, i -> 0.01));
    }
}
