package io.adacache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.adacache.event.Trace;
import io.adacache.event.Trace.StepRecord;
import io.adacache.policy.Figures;
import io.adacache.testkit.FloatTensor;
import io.adacache.testkit.Layouts;
import io.adacache.testkit.LinearTransformer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Clips that share a batch share a schedule, by a rule that the policy names. Beside the schedule, nothing of a neighbour reaches a clip. */
class RowsTest {
    private static final int STEPS = 24;
    private static final int TRIALS = 20;
    private static final int VALUES = 2 * 3 * 2 * 2;

    private final LinearTransformer model = LinearTransformer.of(Layouts.openSora(3));

    /** A clip: a latent for each step. */
    private record Clip(List<float[]> latents) {}

    private record Outcome(Trace trace, List<List<float[]>> predictions, CacheStats stats) {}

    static List<String> policies() {
        return List.of(
                "adacache:codebook=0.02:4;0.06:3;0.12:2;1:1",
                "adacache:codebook=0.02:4;0.06:3;0.12:2;1:1,motion=true,motion-power=1",
                "adacache:codebook=0.02:4;0.06:3;0.12:2;1:1,location=start;end,forecast=1",
                "teacache:0.3,polynomial=1;0",
                "fbcache:0.1",
                "dbcache:0.1,first=1,warm-up=2,last=1",
                "easycache:0.3");
    }

    static List<String> planned() {
        return List.of(
                "adacache-plus:quality=0.05",
                "adacache-plus:quality=0.1,forecast=2,watch=1.5",
                "adacache-plus:calls=9");
    }

    static List<String> all() {
        List<String> all = new ArrayList<>(policies());
        all.addAll(planned());
        return all;
    }

    @AfterEach
    void nothingIsLeft() {
        assertThat(model.ops().live()).isZero();
    }

    /** A clip that wanders, at most by {@code speed} per step, with noise of a size. */
    private static Clip clip(Random random, double size, double speed) {
        double[] latent = random.doubles(VALUES, -size, size).toArray();
        List<float[]> all = new ArrayList<>();
        for (int step = 0; step < STEPS; step++) {
            double now = speed * random.nextDouble();
            float[] copy = new float[VALUES];
            for (int i = 0; i < VALUES; i++) {
                latent[i] += now * size * random.nextGaussian();
                copy[i] = (float) latent[i];
            }
            all.add(copy);
        }
        return new Clip(all);
    }

    private Outcome run(String policy, Clip... clips) {
        int rows = clips.length;
        List<List<float[]>> predictions = new ArrayList<>();
        for (int row = 0; row < rows; row++) {
            predictions.add(new ArrayList<>());
        }
        try (CacheSession<FloatTensor> session =
                CacheSession.builder(model).policy(policy).steps(STEPS).begin()) {
            for (int step = 0; step < STEPS; step++) {
                float[] latent = new float[rows * VALUES];
                for (int row = 0; row < rows; row++) {
                    System.arraycopy(clips[row].latents().get(step), 0, latent, row * VALUES, VALUES);
                }
                float[] timesteps = new float[rows];
                Arrays.fill(timesteps, 1000f * (STEPS - step) / STEPS);
                List<FloatTensor> inputs = List.of(
                        model.ops().tensor(latent, rows, 2, 3, 2, 2),
                        model.ops().tensor(timesteps, rows));
                FloatTensor prediction = session.step(inputs);
                for (int row = 0; row < rows; row++) {
                    int size = prediction.data().length / rows;
                    predictions.get(row).add(Arrays.copyOfRange(prediction.data(), row * size, (row + 1) * size));
                }
                model.ops().release(prediction);
                inputs.forEach(model.ops()::release);
            }
            return new Outcome(session.trace(), predictions, session.stats());
        }
    }

    private static void assertSame(List<float[]> actual, List<float[]> expected, String what) {
        for (int step = 0; step < STEPS; step++) {
            assertThat(actual.get(step)).as("%s, step %d", what, step + 1).containsExactly(expected.get(step));
        }
    }

    @ParameterizedTest
    @MethodSource("all")
    void aClipBesideItselfIsAsAlone(String policy) {
        for (int trial = 0; trial < TRIALS; trial++) {
            Clip clip = clip(new Random(trial), 1, 0.2);
            for (String rule : List.of(",rows=any", ",rows=mean", "")) {
                Outcome alone = run(policy + rule, clip);
                Outcome twice = run(policy + rule, clip, clip);
                String what = "trial " + trial + rule;
                assertThat(twice.trace().computedSteps())
                        .as(what)
                        .isEqualTo(alone.trace().computedSteps());
                assertThat(twice.stats().disagreedSteps()).as(what).isZero();
                assertSame(twice.predictions().get(0), alone.predictions().get(0), what);
                assertSame(twice.predictions().get(1), alone.predictions().get(0), what);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("all")
    void underAnyTheOrderOfRowsDoesNotMatter(String policy) {
        for (int trial = 0; trial < TRIALS; trial++) {
            Random random = new Random(trial);
            Clip one = clip(random, 1, 0.3);
            Clip other = clip(random, 1, 0.3);
            Outcome first = run(policy + ",rows=any", one, other);
            Outcome second = run(policy + ",rows=any", other, one);
            String what = "trial " + trial;
            assertThat(second.trace().computedSteps())
                    .as(what)
                    .isEqualTo(first.trace().computedSteps());
            assertSame(second.predictions().get(1), first.predictions().get(0), what);
            assertSame(second.predictions().get(0), first.predictions().get(1), what);
        }
    }

    /** The rule itself: of the rows that a step reuses, none would have computed. */
    @ParameterizedTest
    @MethodSource("policies")
    void underAnyNoRowIsReusedAgainstItsOwnMeasure(String policy) {
        int outvoted = 0;
        int waited = 0;
        for (int trial = 0; trial < TRIALS; trial++) {
            Random random = new Random(trial);
            Clip large = clip(random, 20, 0.02);
            Clip small = clip(random, 0.5, 0.6);
            Outcome any = run(policy + ",rows=any", large, small);
            Outcome mean = run(policy + ",rows=mean", large, small);
            for (StepRecord step : any.trace().steps()) {
                boolean disagreed = step.figures().stream()
                        .anyMatch(figures -> figures.get(Figures.ROWS_AGAINST).isPresent());
                boolean rated = step.figures().stream()
                        .anyMatch(figures -> figures.get(Figures.RATE).isPresent());
                waited += disagreed ? 1 : 0;
                boolean reuses = step.parts().stream().anyMatch(part -> !part.computed());
                assertThat(disagreed && !rated && reuses)
                        .as("trial %d, step %d", trial, step.step())
                        .isFalse();
            }
            outvoted += mean.stats().disagreedSteps();
            assertThat(any.trace().work())
                    .as("trial %d", trial)
                    .isGreaterThanOrEqualTo(mean.trace().work());
        }
        assertThat(outvoted).as("rows that the mean outvotes").isPositive();
        assertThat(waited).as("rows that wait for another").isPositive();
    }

    /**
     * What is planned under the worst row's error is planned for that row: of a calm and of a wild clip together as much is computed as of the
     * wild one alone, or more. The mean hears the large one, here the calm one.
     */
    @ParameterizedTest
    @MethodSource("planned")
    void underAnyTheWorstRowIsPlannedFor(String policy) {
        int any = 0;
        int mean = 0;
        int alone = 0;
        int disagreed = 0;
        for (int trial = 0; trial < TRIALS; trial++) {
            Random random = new Random(trial);
            Clip calm = clip(random, 20, 0.02);
            Clip wild = clip(random, 0.5, 0.6);
            Outcome both = run(policy + ",rows=any", calm, wild);
            any += both.trace().computedSteps().size();
            mean += run(policy, calm, wild).trace().computedSteps().size();
            alone += run(policy, wild).trace().computedSteps().size();
            disagreed += both.stats().disagreedSteps();
        }
        assertThat(disagreed).isPositive();
        if (policy.contains("calls")) {
            assertThat(any).isEqualTo(alone);
        } else {
            assertThat(any).isGreaterThanOrEqualTo(alone).isGreaterThan(mean);
        }
    }

    /** Of two clips under one schedule, the one gets what it gets beside any other clip, bit for bit. */
    @Test
    void nothingButTheScheduleReachesANeighbour() {
        for (String policy : List.of("every-3", "taylorseer:3", "fora:2", "steps:1;4;5;9;15;24")) {
            Random random = new Random(5);
            Clip mine = clip(random, 1, 0.3);
            Outcome alone = run(policy, mine);
            Outcome shared = run(policy, clip(random, 30, 0.9), mine, clip(random, 0.1, 0.1));
            assertSame(shared.predictions().get(1), alone.predictions().get(0), policy);
        }
    }

    @Test
    void theStatisticsSayWhenRowsDisagreed() {
        Random random = new Random(3);
        CacheStats stats = run("teacache:0.3,polynomial=1;0", clip(random, 20, 0.02), clip(random, 0.5, 0.6))
                .stats();
        assertThat(stats.disagreedSteps()).isPositive();
        assertThat(stats.toString()).contains(", rows disagreed in " + stats.disagreedSteps() + " (");
    }

    @Test
    void anUnknownRuleIsRefusedAndThePublishedCodeHasOneOnly() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> run("teacache:0.3,polynomial=1;0,rows=all"))
                .withMessageContaining("one of mean, any");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> run("adacache:reference-exact=true,rows=any"))
                .withMessageContaining("leave out rows=any or reference-exact");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> run("adacache-plus:codebook=0.1:2;1:1,rows=any"))
                .withMessageContaining("rows does nothing where a codebook is looked up");
    }
}
