package io.adacache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.adacache.layout.Layout;
import io.adacache.metric.Measure;
import io.adacache.metric.Probe;
import io.adacache.metric.Sums;
import io.adacache.policy.Codebook;
import io.adacache.policy.Decision;
import io.adacache.policy.Decision.Reason;
import io.adacache.policy.Figures;
import io.adacache.policy.Generation;
import io.adacache.testkit.Layouts;
import io.adacache.testkit.PolicyDriver;
import io.adacache.testkit.PolicyDriver.Driven;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The rule of {@link AdaCache} on made-up numbers: against a naive transcription, and against the authors' own decisions. */
class AdaCacheRuleTest {
    private static final Layout DEPTH_3 = Layouts.openSora(3);

    // ------------------------------------------------------------ against the naive transcription

    static IntStream seeds() {
        return IntStream.range(0, 400);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void agreesWithTheNaiveTranscription(int seed) {
        Trial trial = new Trial(seed);
        List<Driven> driven = PolicyDriver.drive(trial.policy(), DEPTH_3, Generation.of(trial.steps), trial);
        for (int n = 1; n <= trial.steps; n++) {
            if (trial.naive.computes(n)) {
                trial.naive.computed(n, n == 1 ? null : trial.raw[n], trial.motion[n]);
            }
        }
        assertThat(computed(driven)).as("computed steps, seed %d", seed).isEqualTo(trial.naive.computed);
        List<Double> metrics = driven.stream()
                .flatMap(step -> step.figures().stream())
                .map(figures -> figures.get(Figures.METRIC).orElseThrow())
                .toList();
        assertThat(metrics).hasSameSizeAs(trial.naive.metrics);
        for (int i = 0; i < metrics.size(); i++) {
            double expected = trial.naive.metrics.get(i);
            if (Double.isFinite(expected)) {
                assertThat(metrics.get(i))
                        .as("metric %d, seed %d", i, seed)
                        .isCloseTo(expected, within(1e-9 * expected));
            } else {
                assertThat(metrics.get(i)).as("metric %d, seed %d", i, seed).isNotFinite();
            }
        }
    }

    private static List<Integer> computed(List<Driven> driven) {
        return driven.stream().filter(Driven::isComputed).map(Driven::step).toList();
    }

    /** Random settings and random numbers, the same for both. */
    private static final class Trial implements PolicyDriver.Numbers {
        final Random random;
        final int steps;
        final int places;
        final int strides;
        final boolean oddities;
        final double[][] raw;
        final double[][][] motion;
        final NaiveAdaCache naive;
        final String[] locations;
        final boolean otherResiduals;

        Trial(int seed) {
            random = new Random(seed);
            steps = 1 + random.nextInt(random.nextBoolean() ? 6 : 120);
            otherResiduals = random.nextInt(4) == 0;
            locations = random.nextBoolean() ? new String[] {"middle"} : new String[] {"start", "2", "middle"};
            places = locations.length * (otherResiduals ? 2 : 1);
            strides = 1 + random.nextInt(3);
            oddities = random.nextInt(4) == 0;
            naive = new NaiveAdaCache(steps, random.nextBoolean(), places);
            int entries = 1 + random.nextInt(8);
            naive.thresholds =
                    random.doubles(entries, 0.01, 0.5).sorted().distinct().toArray();
            naive.rates = random.ints(naive.thresholds.length, 1, 13).toArray();
            naive.moreg = random.nextBoolean();
            naive.power = 1 + random.nextInt(8);
            naive.divisor = random.nextBoolean() ? 1 : 1.2;
            naive.gradientWeight = random.nextBoolean() ? 10 : 0;
            naive.windowFirst = random.nextInt(10);
            naive.windowLast = naive.windowFirst + random.nextInt(100);
            if (naive.exact && random.nextBoolean()) {
                naive.previous = random.doubles(places, 0, 2).toArray();
            }
            raw = new double[steps + 1][places];
            motion = new double[steps + 1][places][strides];
            for (int n = 1; n <= steps; n++) {
                for (int place = 0; place < places; place++) {
                    raw[n][place] = oddity(Math.exp(-4 * random.nextDouble()));
                    for (int stride = 0; stride < strides; stride++) {
                        motion[n][place][stride] = oddity(0.2 + 0.4 * random.nextDouble());
                    }
                }
            }
        }

        private double oddity(double value) {
            return oddities && random.nextInt(12) == 0 ? Double.NaN : value;
        }

        AdaCache policy() {
            List<Codebook.Entry> entries = new ArrayList<>();
            for (int i = 0; i < naive.rates.length; i++) {
                entries.add(new Codebook.Entry(naive.thresholds[i], naive.rates[i]));
            }
            AdaCache.Builder builder =
                    AdaCache.builder().codebook(new Codebook(entries)).locations(locations);
            if (naive.moreg) {
                builder.motion(naive.scale, naive.power)
                        .motionDivisor(naive.divisor)
                        .motionGradient(naive.gradientWeight)
                        .motionStrides(IntStream.rangeClosed(1, strides).boxed().toList())
                        .motionWindow(naive.windowFirst, naive.windowLast);
            }
            if (naive.exact) {
                builder.referenceExact(Arrays.stream(naive.previous).boxed().toList());
            }
            if (otherResiduals) {
                builder.residuals(io.adacache.layout.ResidualKind.CROSS_ATTENTION, io.adacache.layout.ResidualKind.MLP);
            }
            return builder.build();
        }

        /** Places are numbered in the order of their sites; per block one of temporal attention, or two of cross-attention and MLP. */
        private int place(Probe probe) {
            int site = ((Probe.Residuals) probe).sites().get(0);
            int block = locations.length == 1 ? 0 : site / 6;
            return otherResiduals ? 2 * block + (site % 6 < 3 ? 0 : 1) : block;
        }

        @Override
        public Sums distance(int step, String branch, Measure.Distance measure) {
            return split(raw[step][place(measure.probe())], 0);
        }

        @Override
        public List<Sums> motion(int step, String branch, Measure.Motion measure) {
            List<Sums> all = new ArrayList<>();
            for (double score : motion[step][place(measure.probe())]) {
                all.add(Double.isNaN(score) ? Sums.of(new double[][] {{0, 0, 0}}) : split(score, 1));
            }
            return all;
        }

        /** Sums of two rows whose ratio is the value: the metric must add rows before it divides. */
        private Sums split(double value, double earlier) {
            double share = random.nextDouble();
            double norm = 5 + random.nextDouble();
            double both = value * norm;
            // Of the motion score both norms are in the denominator: given half each.
            double then = earlier == 0 ? norm : norm / 2;
            return Sums.of(
                    new double[][] {{share * both, 0.3 * then, 0.6 * then}, {(1 - share) * both, 0.7 * then, 0.4 * then}
                    });
        }
    }

    // ------------------------------------------------------------ against the authors' decisions

    @ParameterizedTest
    @CsvSource({
        "ada_30_fast, 1 2 3 4 5 8 11 16 20 25 29 30",
        "ada_moreg_30_fast, 1 2 3 4 5 8 12 17 23 29 30",
        "ada_100, 1 2 5 8 11 14 18 24 30 38 48 56 66 76 88 99 100",
        "ada_moreg_100, 1 2 5 8 11 14 22 30 40 52 64 76 88 99 100"
    })
    void decidesAsTheAuthorsCodeDid(String run, String schedule) {
        List<String[]> lines = recorded(run);
        int steps = Integer.parseInt(lines.get(0)[1]);
        AdaCache fast = AdaCache.fast();
        AdaCache policy = (run.contains("moreg") ? fast.withMotionRegularization() : fast)
                .toBuilder().referenceExact().build();
        List<Driven> driven = PolicyDriver.drive(policy, DEPTH_3, Generation.of(steps), new PolicyDriver.Numbers() {
            @Override
            public Sums distance(int step, String branch, Measure.Distance measure) {
                return Sums.of(new double[][] {{Double.parseDouble(line(lines, step)[3]), 1, 1}});
            }

            @Override
            public List<Sums> motion(int step, String branch, Measure.Motion measure) {
                double score = step == 1 ? 0.5 : Double.parseDouble(line(lines, step)[4]);
                return List.of(Sums.of(new double[][] {{score, 0.5, 0.5}}));
            }
        });
        assertThat(computed(driven)).map(String::valueOf).containsExactly(schedule.split(" "));
        for (Driven step : driven) {
            for (Figures figures : step.figures()) {
                String[] line = line(lines, step.step());
                double metric = Double.parseDouble(line[5]);
                assertThat(figures.get(Figures.METRIC).orElseThrow())
                        .as("metric of step %d", step.step())
                        .isCloseTo(metric, within(1e-4 * metric));
                assertThat(figures.get(Figures.RATE).orElseThrow())
                        .as("rate of step %d", step.step())
                        .isEqualTo(Double.parseDouble(line[6]));
            }
        }
    }

    private static String[] line(List<String[]> lines, int step) {
        return lines.stream()
                .filter(line -> Integer.parseInt(line[2]) == step)
                .findFirst()
                .orElseThrow(() -> new AssertionError("The authors' code did not compute step " + step));
    }

    private static List<String[]> recorded(String run) {
        try (BufferedReader reader = new BufferedReader(new InputStreamReader(
                AdaCacheRuleTest.class.getResourceAsStream("reference-decisions.csv"), StandardCharsets.UTF_8))) {
            return reader.lines()
                    .map(line -> line.split(","))
                    .filter(line -> line[0].equals(run))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    // ------------------------------------------------------------ single rules

    private static PolicyDriver.Numbers constant(double distance) {
        return numbers(step -> distance);
    }

    private static PolicyDriver.Numbers numbers(java.util.function.IntToDoubleFunction distances) {
        return new PolicyDriver.Numbers() {
            @Override
            public Sums distance(int step, String branch, Measure.Distance measure) {
                return Sums.of(new double[][] {{distances.applyAsDouble(step), 1, 1}});
            }

            @Override
            public List<Sums> motion(int step, String branch, Measure.Motion measure) {
                return measure.strides().stream()
                        .map(stride -> Sums.of(new double[][] {{0.385, 0.5, 0.5}}))
                        .toList();
            }
        };
    }

    private static List<Driven> drive(AdaCache policy, int steps, PolicyDriver.Numbers numbers) {
        return PolicyDriver.drive(policy, DEPTH_3, Generation.of(steps), numbers);
    }

    private static List<Reason> reasons(List<Driven> driven) {
        return driven.stream()
                .map(step -> step.decisions().values().iterator().next())
                .map(Decision::reason)
                .toList();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8})
    void codebooksOfAnySizeWork(int entries) {
        String text = IntStream.rangeClosed(1, entries)
                .mapToObj(i -> i / 10.0 + ":" + (10 - i))
                .reduce((a, b) -> a + ";" + b)
                .orElseThrow();
        AdaCache policy = AdaCache.builder()
                .codebook(Codebook.parse(text))
                .referenceExact()
                .build();
        // Distance 0 takes the first entry, a large one the last.
        assertThat(computed(drive(policy, 30, constant(0)))).startsWith(1, 2, 11, 20);
        assertThat(computed(drive(policy, 30, constant(1e9)))).startsWith(1, 2, 2 + 10 - entries);
    }

    @Test
    void theFirstStepAndTheLastTwoAreForced() {
        List<Driven> driven =
                drive(AdaCache.builder().codebook(Codebook.parse("1:100")).build(), 6, constant(0.01));
        assertThat(computed(driven)).containsExactly(1, 2, 5, 6);
        assertThat(reasons(driven))
                .containsExactly(
                        Reason.FIRST, Reason.CODEBOOK, Reason.CODEBOOK, Reason.CODEBOOK, Reason.FORCED, Reason.FORCED);
    }

    @Test
    void howManyStepsAtBothEndsAreForcedIsASetting() {
        AdaCache early = (AdaCache) Policies.parse("adacache:codebook=1:100,first=4,last=0");
        assertThat(computed(drive(early, 8, constant(0.01)))).containsExactly(1, 2, 3, 4);
        AdaCache late = (AdaCache) Policies.parse("adacache:codebook=1:100,last=3");
        assertThat(computed(drive(late, 8, constant(0.01)))).containsExactly(1, 2, 6, 7, 8);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Policies.parse("adacache:first=0"))
                .withMessageContaining(
                        "Setting 'first' of policy 'adacache' is to be a whole number, 1 or more, but got '0'");
    }

    @Test
    void aRateTakesEffectAfterTheStepThatChoseIt() {
        AdaCache policy =
                AdaCache.builder().codebook(Codebook.parse("0.1:3;1:1")).build();
        List<Driven> driven = drive(policy, 12, numbers(step -> step == 2 ? 0.01 : step == 5 ? 0.01 * 3 : 9));
        assertThat(computed(driven)).containsExactly(1, 2, 5, 8, 9, 10, 11, 12);
    }

    @Test
    void theTrueGapIsDividedByUnlessTheReferenceIsReproduced() {
        // The rate after step 2 is 20, but step 9 of 10 is forced: 7 steps passed.
        AdaCache policy = AdaCache.builder().codebook(Codebook.parse("1:20")).build();
        assertThat(rateOfChange(drive(policy, 10, constant(0.7)), 9)).isCloseTo(0.1, within(1e-12));
        AdaCache exact = policy.toBuilder().referenceExact().build();
        assertThat(rateOfChange(drive(exact, 10, constant(0.7)), 9)).isCloseTo(0.035, within(1e-12));
    }

    private static double rateOfChange(List<Driven> driven, int step) {
        return driven.get(step - 1).figures().get(0).get(Figures.RATE_OF_CHANGE).orElseThrow();
    }

    @Test
    void aDistanceThatIsNotANumberComputesUnlessTheReferenceIsReproduced() {
        AdaCache policy =
                AdaCache.builder().codebook(Codebook.parse("0.1:2;1:4")).build();
        List<Driven> driven = drive(policy, 12, constant(Double.NaN));
        assertThat(computed(driven)).hasSize(12);
        assertThat(reasons(driven).subList(2, 10)).containsOnly(Reason.NOT_A_NUMBER);
        List<Driven> exact = drive(policy.toBuilder().referenceExact().build(), 12, constant(Double.NaN));
        assertThat(computed(exact)).containsExactly(1, 2, 6, 10, 11, 12);
    }

    @Test
    void motionLeavesTheDistanceAloneAtItsScale() {
        // A motion score of exactly the scale gives the factor 1, and so no gradient.
        AdaCache policy =
                AdaCache.builder().codebook(Codebook.parse("1:2")).motion(true).build();
        for (Driven step : drive(policy, 30, constant(0.2))) {
            for (Figures figures : step.figures()) {
                double change = figures.get(Figures.RATE_OF_CHANGE).orElseThrow();
                assertThat(figures.get(Figures.METRIC).orElseThrow()).isCloseTo(change, within(1e-12));
            }
        }
    }

    @Test
    void severalLocationsAreARunningMeanAndTheLastDecides() {
        AdaCache policy = AdaCache.builder()
                .codebook(Codebook.parse("0.25:5;1:1"))
                .locations("start", "end")
                .build();
        // 0.1 at the first place and 0.5 at the last: each alone would take another rate than their mean of 0.3 does.
        List<Driven> driven = drive(policy, 8, new PolicyDriver.Numbers() {
            @Override
            public Sums distance(int step, String branch, Measure.Distance measure) {
                boolean first = ((Probe.Residuals) measure.probe()).sites().get(0) < 6;
                return Sums.of(new double[][] {{first ? 0.1 : 0.5, 1, 1}});
            }

            @Override
            public List<Sums> motion(int step, String branch, Measure.Motion measure) {
                throw new AssertionError("not asked for");
            }
        });
        assertThat(driven.get(1).figures())
                .extracting(figures -> figures.get(Figures.METRIC).orElseThrow())
                .containsExactly(0.1, 0.3);
        assertThat(driven.get(1).figures())
                .extracting(figures -> figures.get(Figures.RATE).orElseThrow())
                .containsExactly(5.0, 1.0);
        assertThat(computed(driven)).containsExactly(1, 2, 3, 4, 5, 6, 7, 8);
    }

    @ParameterizedTest
    @CsvSource({
        "fast, 30, 0.08:6;0.16:5;0.24:4;0.32:3;0.40:2;1.00:1",
        "slow, 30, 0.08:3;0.16:2;0.24:1;0.32:1;0.40:1;1.00:1",
        "fast, 100, 0.03:12;0.05:10;0.07:8;0.09:6;0.11:4;1.00:3"
    })
    void presetsHaveThePublishedCodebooks(String preset, int steps, String codebook) {
        AdaCache policy = preset.equals("fast") ? AdaCache.fast() : AdaCache.slow();
        assertThat(policy.codebook(steps)).isEqualTo(Codebook.parse(codebook));
        assertThat(policy.name().toLowerCase(Locale.ROOT)).contains(preset);
    }
}
