package io.adacache.adaptive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.adacache.Policies;
import io.adacache.policy.Generation;
import java.util.List;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How a budget of calls is spread: by what changes, and by what the sampler's gains foretell of it. */
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

    /** A predicted noise or velocity turns ever faster towards the end, which gains that were announced foretell. */
    @ParameterizedTest
    @CsvSource({"30,10", "50,16", "100,20"})
    void aNoiseThatIsPredictedIsExpectedToTurnAtTheEnd(int steps, int calls) {
        List<Double> even = IntStream.range(0, steps).mapToObj(i -> 1.0 / steps).toList();
        IntToDoubleFunction turn = i -> 0.1 / (steps - i);

        List<Integer> foretold = gaps(computed(steps, calls, even, turn));
        assertThat(foretold).as("all calls are spent").hasSize(calls - 1);
        List<Integer> chosen = chosen(foretold);
        for (int i = 1; i < chosen.size(); i++) {
            assertThat(chosen.get(i)).as("%s", chosen).isLessThanOrEqualTo(chosen.get(i - 1));
        }
        assertThat(chosen.get(0))
                .isGreaterThan(
                        chosen(gaps(computed(steps, calls, List.of(), turn))).get(0));
    }

    /** The same clean video, kept as itself, as the noise and as nothing that was announced. */
    @Test
    void aCleanVideoIsExpectedToGoOnAsItDoes() {
        int steps = 50;
        Course clean = new Course(announced(steps, i -> 1.0 / (steps - i)));
        Course noise = new Course(announced(steps, i -> 1.0 / steps));
        Course unknown = new Course(Generation.of(steps));

        double now = clean.expected(11, 0.002);
        assertThat(now).isCloseTo(0.002, within(1e-12));
        assertThat(unknown.expected(11, 0.002)).isEqualTo(0.002);
        assertThat(noise.expected(11, 0.002 * steps / (steps - 10.0))).isCloseTo(now, within(1e-12));
        for (int step = 12; step <= steps; step++) {
            assertThat(clean.change(step, now)).isCloseTo(0.002, within(1e-12));
            assertThat(noise.change(step, now)).isCloseTo(0.002 * steps / (steps + 1.0 - step), within(1e-12));
        }
    }

    /** A change that is larger than what is left of the way falls to it: what is left is a quarter at least. */
    @Test
    void aCleanVideoGoesItsOwnLengthAndAQuarterIsAlwaysLeft() {
        Course course = new Course(Generation.of(20));
        course.went(2, 0.4, 1);
        assertThat(course.expected(2, 0.4)).isCloseTo(0.6 / 18, within(1e-12));
        course.went(5, 0.2, 3);
        assertThat(course.expected(5, 0.2)).isCloseTo(0.25 / 15, within(1e-12));
        assertThat(course.expected(5, 0.01)).isEqualTo(0.01);
    }

    private static Generation announced(int steps, IntToDoubleFunction gain) {
        return new Generation(
                steps,
                List.of(Generation.SINGLE_BRANCH),
                List.of(),
                IntStream.range(0, steps).mapToDouble(gain).boxed().toList());
    }

    @Test
    void aSamplerThatAddsNothingInAStepIsNoFault() {
        List<Double> gains =
                IntStream.range(0, 30).mapToObj(i -> i % 3 == 0 ? 0.0 : 0.05).toList();

        assertThat(computed(30, 10, gains, i -> 0.004)).hasSizeBetween(9, 10);
        assertThat(computed(30, 10, IntStream.range(0, 30).mapToObj(i -> 0.0).toList(), i -> 0.004))
                .hasSizeBetween(3, 10);
    }
}
