package io.adacache.adaptive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.adacache.Policies;
import io.adacache.layout.Layout;
import io.adacache.layout.Part;
import io.adacache.metric.Measure;
import io.adacache.metric.Sums;
import io.adacache.policy.CachePolicy;
import io.adacache.policy.Decision;
import io.adacache.policy.Generation;
import io.adacache.testkit.Layouts;
import io.adacache.testkit.MadeUpNumbers;
import io.adacache.testkit.PolicyDriver;
import io.adacache.testkit.PolicyDriver.Driven;
import io.adacache.tune.Recording;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** AdaCache+ against a transcription that shares no code with it, against AdaCache, and against its promise of calls. */
class PlusRuleTest {
    private static final long SEED = 20261127;

    static List<Integer> computed(List<Driven> driven) {
        return driven.stream().filter(Driven::isComputed).map(Driven::step).toList();
    }

    /** A walk in the plane that keeps its direction for a while; measured as a session measures. */
    static double[][] walk(Random random, int steps) {
        double[][] sums = new double[steps][2];
        double[] way = {random.nextGaussian(), random.nextGaussian()};
        double[] at = {5 + random.nextGaussian(), random.nextGaussian()};
        for (int i = 0; i < steps; i++) {
            sums[i] = at.clone();
            for (int j = 0; j < 2; j++) {
                at[j] += way[j] * 0.1;
                way[j] = 0.9 * way[j] + 0.4 * random.nextGaussian();
            }
        }
        return sums;
    }

    /** Distances of such a walk, looked up by what was computed so far. */
    static List<Driven> drive(CachePolicy policy, Generation generation, double[][] sums) {
        List<Integer> taken = new ArrayList<>();
        PolicyDriver.Numbers numbers = new PolicyDriver.Numbers() {
            @Override
            public Sums distance(int step, String branch, Measure.Distance measure) {
                if (taken.isEmpty() || taken.get(taken.size() - 1) != step) {
                    if (taken.isEmpty()) {
                        taken.add(1);
                    }
                    taken.add(step);
                }
                int back = 1 + measure.reference().ordinal();
                double[] then = sums[taken.get(taken.size() - 1 - back) - 1];
                double[] now = sums[step - 1];
                double difference = Math.pow(now[0] - then[0], 2) + Math.pow(now[1] - then[1], 2);
                return Sums.of(new double[][] {
                    {difference, then[0] * then[0] + then[1] * then[1], now[0] * now[0] + now[1] * now[1]}
                });
            }

            @Override
            public List<Sums> motion(int step, String branch, Measure.Motion measure) {
                throw new AssertionError("no motion is measured");
            }
        };
        return PolicyDriver.drive(policy, Layouts.openSora(2), generation, numbers);
    }

    @Test
    void agreesWithATranscription() {
        Random random = new Random(SEED);
        for (int trial = 0; trial < 300; trial++) {
            int steps = 4 + random.nextInt(60);
            double quality = Math.exp(-5 + 5 * random.nextDouble());
            int order = random.nextInt(3);
            String unit = List.of("auto", "call", "stack").get(random.nextInt(3));
            int first = 1 + random.nextInt(3);
            int last = random.nextInt(3);
            int gap = 1 + random.nextInt(9);
            boolean flat = random.nextBoolean();
            List<Double> gains = IntStream.range(0, steps)
                    .mapToObj(i -> 0.1 + random.nextDouble())
                    .toList();
            double[] weight = new double[steps];
            for (int i = 0; i < steps; i++) {
                double u = (steps - 1.0 - i) / steps;
                weight[i] = flat ? 1 : gains.get(i) * (3 * u * u * u + 0.4);
            }
            if (!flat) {
                double median = Arrays.stream(weight)
                        .sorted()
                        .skip(steps / 2)
                        .findFirst()
                        .orElseThrow();
                for (int i = 0; i < steps; i++) {
                    weight[i] *= 30.0 / steps / median;
                }
            }
            double[][] sums = walk(random, steps);
            NaivePlus naive = new NaivePlus(sums, weight);
            naive.run(quality, order, first, last, gap);
            Generation generation = new Generation(steps, List.of(Generation.SINGLE_BRANCH), List.of(), gains);
            CachePolicy policy = Policies.parse(String.format(
                    Locale.ROOT,
                    "adacache-plus:quality=%s,forecast=%d,first=%d,last=%d,gap=%d,weigh=%s,unit=%s",
                    quality,
                    order,
                    first,
                    last,
                    gap,
                    flat ? "flat" : "assumed",
                    unit));
            List<Driven> driven = drive(policy, generation, sums);
            assertThat(driven.get(steps - 1).decisions().keySet())
                    .as("what is kept with unit=%s", unit)
                    .allMatch(part -> (part == Part.Call.PREDICTION) != unit.equals("stack"));
            assertThat(computed(driven)).as("seed %d, trial %d", SEED, trial).isEqualTo(naive.computed);
            assertForecasts(driven, naive, trial);
        }
    }

    /** Reused steps weigh what is kept as the transcription does. */
    static void assertForecasts(List<Driven> driven, NaivePlus naive, int trial) {
        for (Driven step : driven) {
            for (Decision decision : step.decisions().values()) {
                if (decision instanceof Decision.Reuse reuse) {
                    assertThat(reuse.weights())
                            .as("trial %d, step %d", trial, step.step())
                            .containsExactly(naive.weights.get(step.step()), Offset.offset(1e-6));
                }
            }
        }
    }

    /** What lies on a parabola, a line or a point is forecast exactly by a parabola; by a line it is as far ahead as that was looked back. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    void polynomialsAreReproducedExactly(int degree) {
        Random random = new Random(SEED);
        for (int trial = 0; trial < 50; trial++) {
            int steps = 30 + random.nextInt(40);
            double[][] sums = new double[steps][2];
            double[] factors = random.doubles(6, -1, 1).toArray();
            for (int i = 0; i < steps; i++) {
                double at = (double) i / steps;
                for (int j = 0; j < 2; j++) {
                    sums[i][j] = 3
                            + factors[j]
                            + (degree > 0 ? factors[2 + j] * at : 0)
                            + (degree > 1 ? factors[4 + j] * at * at : 0);
                }
            }
            List<Driven> driven =
                    drive(Policies.parse("adacache-plus:quality=1e-5,gap=7,weigh=flat"), Generation.of(steps), sums);
            List<Integer> computed = computed(driven);
            assertThat(computed.size())
                    .as("seed %d, trial %d: %s", SEED, trial, computed)
                    .isLessThanOrEqualTo(2 + degree + (steps - 2) / 7 + 2);
            for (Driven step : driven) {
                for (Decision decision : step.decisions().values()) {
                    if (decision instanceof Decision.Reuse reuse && isExact(reuse, step.step(), degree, computed)) {
                        assertThat(forecast(reuse, step.step(), computed, sums))
                                .as("trial %d, step %d", trial, step.step())
                                .containsExactly(sums[step.step() - 1], Offset.offset(1e-5));
                    }
                }
            }
        }
    }

    private static List<Integer> kept(int step, List<Integer> computed) {
        return computed.stream().filter(each -> each < step).toList();
    }

    private static boolean isExact(Decision.Reuse reuse, int step, int degree, List<Integer> computed) {
        List<Integer> kept = kept(step, computed);
        int newest = kept.get(kept.size() - 1);
        return reuse.weights().length > degree
                && (reuse.weights().length != 2 || step - newest <= newest - kept.get(kept.size() - 2));
    }

    private static double[] forecast(Decision.Reuse reuse, int step, List<Integer> computed, double[][] sums) {
        List<Integer> kept = kept(step, computed);
        double[] sum = new double[2];
        for (int k = 0; k < reuse.weights().length; k++) {
            for (int j = 0; j < 2; j++) {
                sum[j] += reuse.weights()[k] * sums[kept.get(kept.size() - 1 - k) - 1][j];
            }
        }
        return sum;
    }

    @Test
    void neverComputesMoreThanItsCalls() {
        Random random = new Random(SEED);
        for (int trial = 0; trial < 1000; trial++) {
            int steps = 1 + random.nextInt(120);
            int calls = 1 + random.nextInt(steps + 3);
            Layout layout = Layouts.all().get(random.nextInt(Layouts.all().size()));
            String text = "adacache-plus:calls=" + calls + ",first=" + (1 + random.nextInt(4)) + ",last="
                    + random.nextInt(4) + ",forecast=" + random.nextInt(3) + ",watch=" + random.nextInt(2) * 1.2
                    + ",unit=" + (random.nextBoolean() ? "auto" : "call");
            List<String> branches =
                    random.nextBoolean() ? List.of(Generation.SINGLE_BRANCH) : List.of("conditional", "unconditional");
            List<Double> timesteps = IntStream.range(0, steps)
                    .mapToObj(i -> random.nextInt(3) == 0 ? 0.0 : 1000.0 * (steps - i) / steps)
                    .toList();
            List<Double> gains = IntStream.range(0, random.nextBoolean() ? steps : 0)
                    .mapToObj(i -> random.nextInt(4) == 0 ? 0.0 : random.nextDouble())
                    .toList();
            MadeUpNumbers numbers = random.nextBoolean() ? MadeUpNumbers.odd(trial) : MadeUpNumbers.plausible(trial);
            List<Driven> driven = PolicyDriver.drive(
                    Policies.parse(text), layout, new Generation(steps, branches, timesteps, gains), numbers);
            assertThat(computed(driven))
                    .as("%s, %d steps, %s, seed %d, trial %d", text, steps, layout, SEED, trial)
                    .hasSizeLessThanOrEqualTo(calls)
                    .contains(1);
        }
    }

    @ParameterizedTest
    @CsvSource({"30,12", "50,12", "100,12", "30,6", "100,40", "12,12", "8,3"})
    void spendsItsCallsOnAnOrdinaryGeneration(int steps, int calls) {
        Random random = new Random(SEED);
        Generation generation = Generation.of(steps);
        List<Driven> driven = drive(Policies.parse("adacache-plus:calls=" + calls), generation, walk(random, steps));
        assertThat(computed(driven).size()).isBetween(calls - 1, calls);
    }

    @ParameterizedTest
    @ValueSource(ints = {30, 100})
    void thePublishedCodebookIsASpecialCase(int steps) {
        String codebook = steps == 30
                ? "0.08:6;0.16:5;0.24:4;0.32:3;0.40:2;1.00:1"
                : "0.03:12;0.05:10;0.07:8;0.09:6;0.11:4;1.00:3";
        CachePolicy plus = Policies.parse("adacache-plus:codebook=" + codebook + ",first=1,last=2,forecast=0");
        CachePolicy published = Policies.parse("adacache-fast");
        for (Layout layout : List.of(Layouts.openSora(1), Layouts.openSora(5), Layouts.latte(3), Layouts.joint(4))) {
            for (long seed = SEED; seed < SEED + 50; seed++) {
                Generation generation = Generation.of(steps);
                List<Driven> expected = PolicyDriver.drive(published, layout, generation, MadeUpNumbers.odd(seed));
                assertThat(decisions(PolicyDriver.drive(plus, layout, generation, MadeUpNumbers.odd(seed))))
                        .as("%s, seed %d", layout, seed)
                        .isEqualTo(decisions(expected));
            }
        }
    }

    private static List<Object> decisions(List<Driven> driven) {
        return driven.stream().map(step -> (Object) step.decisions()).toList();
    }

    @Test
    void aCodebookInOneNumberIsASpecialCase() {
        Random random = new Random(SEED);
        double quality = 0.06;
        String codebook = IntStream.iterate(10, rate -> rate > 1, rate -> rate - 1)
                .mapToObj(rate -> 2 * quality / (rate * (rate - 1)) + ":" + rate)
                .collect(Collectors.joining(";", "", ";10:1"));
        Layout layout = Layouts.oneSite();
        for (int trial = 0; trial < 100; trial++) {
            Recording recording = anyRecording(random, layout);
            assertThat(recording
                            .replay(Policies.parse("adacache-plus:quality=" + quality
                                    + ",weigh=flat,forecast=0,first=1,last=2,gap=10"))
                            .computedSteps())
                    .as("trial %d", trial)
                    .isEqualTo(recording
                            .replay(Policies.parse("adacache:codebook=" + codebook))
                            .computedSteps());
        }
    }

    /** A recording of 30 steps whose changes span three orders of magnitude. */
    private static Recording anyRecording(Random random, Layout layout) {
        List<Double> distances = IntStream.range(0, 30)
                .mapToObj(i -> Math.exp(-7 * random.nextDouble()))
                .toList();
        return Recording.perStep(layout, Generation.of(30), Map.of("*", distances));
    }

    /** With both a bound and a number of calls, the number holds, and the bound saves some where it is kept with less. */
    @Test
    void aBoundSavesCalls() {
        Random random = new Random(SEED);
        Layout layout = Layouts.oneSite();
        for (int trial = 0; trial < 100; trial++) {
            Recording recording = anyRecording(random, layout);
            List<Integer> calls = computed(recording, "calls=12");
            assertThat(computed(recording, "calls=12,quality=0.000001")).isEqualTo(calls);
            int before = calls.size();
            for (String quality : List.of("0.01", "0.1", "1", "10")) {
                int now = computed(recording, "calls=12,quality=" + quality).size();
                assertThat(now).as("trial %d, quality %s", trial, quality).isLessThanOrEqualTo(12);
                before = now;
            }
            assertThat(before).as("trial %d", trial).isLessThan(calls.size());
        }
    }

    private static List<Integer> computed(Recording recording, String settings) {
        return recording.replay(Policies.parse("adacache-plus:" + settings)).computedSteps();
    }

    @Test
    void takesACodebookAlone() {
        assertThatThrownBy(() -> Policies.parse("adacache-plus:codebook=1:2;2:1,calls=3"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("takes a codebook, or quality");
    }
}
