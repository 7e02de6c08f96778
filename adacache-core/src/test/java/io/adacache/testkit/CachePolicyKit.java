package io.adacache.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.adacache.layout.Layout;
import io.adacache.policy.CachePolicy;
import io.adacache.policy.Figures;
import io.adacache.policy.Generation;
import io.adacache.policy.PolicyRun;
import io.adacache.testkit.PolicyDriver.Driven;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What every {@link CachePolicy} must do, on any layout that it accepts and on any numbers. A policy may refuse a layout or a generation, with a
 * reason, but not all of them. The {@link PolicyDriver} checks that plans are partitions and that decisions can be carried out.
 */
public abstract class CachePolicyKit {
    private static final long SEED = 411;

    /** Returns the policy under test for a generation of so many steps (1 to 100 are tried); a new one each time. */
    protected abstract CachePolicy policy(int steps);

    /** Returns the layouts to try. */
    protected List<Layout> layouts() {
        return Layouts.all();
    }

    /** Whether figures other than the distance may be infinite or not a number although all measures are plausible. */
    protected boolean mayReport(String figure, double value) {
        return Double.isFinite(value);
    }

    /** Whether a policy that measures computes every step in which nothing that it measured is a number. */
    protected boolean computesWithoutNumbers() {
        return true;
    }

    private List<Layout> accepted(Generation generation) {
        List<Layout> accepted = new ArrayList<>();
        for (Layout layout : layouts()) {
            try {
                policy(generation.steps()).check(layout, generation, "");
                policy(generation.steps()).begin(layout, generation);
                accepted.add(layout);
            } catch (IllegalArgumentException refusal) {
                assertThat(refusal.getMessage()).as("why %s is refused", layout).hasSizeGreaterThan(20);
            }
        }
        return accepted;
    }

    /** One generation of the number of steps, one with two branches, one with timesteps. */
    private static List<Generation> generations(int steps) {
        List<Double> timesteps = IntStream.range(0, steps)
                .mapToObj(i -> 1000.0 * (steps - i) / steps)
                .toList();
        return List.of(
                new Generation(steps, List.of(Generation.SINGLE_BRANCH), timesteps),
                new Generation(steps, List.of("conditional", "unconditional"), timesteps),
                Generation.of(steps));
    }

    private interface Trial {
        void on(Layout layout, Generation generation);
    }

    private void everywhere(int steps, Trial trial) {
        int trials = 0;
        for (Generation generation : generations(steps)) {
            for (Layout layout : accepted(generation)) {
                trial.on(layout, generation);
                trials++;
            }
        }
        if (trials == 0) {
            fail("%s accepts none of %s in any generation", policy(steps), layouts());
        }
    }

    @Test
    void hasAName() {
        assertThat(policy(30).name()).matches("[a-z0-9].*");
        assertThat(policy(30).name()).isEqualTo(policy(30).name());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 30, 100})
    void decidesAnyNumberOfStepsOnAnyNumbers(int steps) {
        everywhere(steps, (layout, generation) -> {
            for (long seed = SEED; seed < SEED + 2; seed++) {
                for (MadeUpNumbers numbers : List.of(MadeUpNumbers.plausible(seed), MadeUpNumbers.odd(seed))) {
                    List<Driven> driven = PolicyDriver.drive(policy(steps), layout, generation, numbers);
                    assertThat(driven).hasSize(steps);
                    assertThat(driven.get(0).isComputed())
                            .as("step 1 is computed, seed %d", seed)
                            .isTrue();
                }
            }
        });
    }

    @Test
    void whatIsNoNumberIsComputed() {
        everywhere(30, (layout, generation) -> {
            boolean measures = !policy(30).begin(layout, generation).measures().isEmpty();
            if (measures && computesWithoutNumbers()) {
                assertThat(PolicyDriver.drive(policy(30), layout, generation, MadeUpNumbers.none()))
                        .as("steps of which nothing is known, on %s", layout)
                        .allMatch(Driven::isComputed);
            }
        });
    }

    @Test
    void theSameNumbersGiveTheSameDecisions() {
        everywhere(30, (layout, generation) -> assertThat(
                        PolicyDriver.drive(policy(30), layout, generation, MadeUpNumbers.odd(SEED)))
                .isEqualTo(PolicyDriver.drive(policy(30), layout, generation, MadeUpNumbers.odd(SEED))));
    }

    @Test
    void aRecordedGenerationReplaysIdentically() {
        everywhere(30, (layout, generation) -> {
            MadeUpNumbers numbers = MadeUpNumbers.plausible(SEED);
            CachePolicy policy = policy(30);
            List<Driven> first = PolicyDriver.drive(policy, layout, generation, numbers);
            assertThat(PolicyDriver.drive(policy, layout, generation, numbers.recorded()))
                    .isEqualTo(first);
        });
    }

    @Test
    void generationsOfOnePolicyAreIndependent() {
        everywhere(30, (layout, generation) -> {
            CachePolicy shared = policy(30);
            PolicyDriver.drive(shared, layout, generation, MadeUpNumbers.odd(SEED + 1));
            assertThat(PolicyDriver.drive(shared, layout, generation, MadeUpNumbers.plausible(SEED)))
                    .isEqualTo(PolicyDriver.drive(policy(30), layout, generation, MadeUpNumbers.plausible(SEED)));
        });
    }

    @Test
    void measuresAndHistoryHoldForTheWholeGeneration() {
        everywhere(30, (layout, generation) -> {
            PolicyRun run = policy(30).begin(layout, generation);
            assertThat(run.history()).isGreaterThanOrEqualTo(1).isEqualTo(run.history());
            assertThat(run.measures()).isEqualTo(run.measures()).doesNotHaveDuplicates();
        });
    }

    @Test
    void figuresAreNumbersWhereMeasuresAre() {
        everywhere(30, (layout, generation) -> {
            for (Driven step : PolicyDriver.drive(policy(30), layout, generation, MadeUpNumbers.plausible(SEED))) {
                for (Figures figures : step.figures()) {
                    figures.asMap().forEach((name, value) -> assertThat(mayReport(name, value))
                            .as("%s = %s in step %d", name, value, step.step())
                            .isTrue());
                }
            }
        });
    }
}
