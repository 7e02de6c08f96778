package io.adacache.policy.rivals;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.adacache.Policies;
import io.adacache.layout.Layout;
import io.adacache.layout.ResidualKind;
import io.adacache.layout.Site;
import io.adacache.layout.Span;
import io.adacache.policy.CachePolicy;
import io.adacache.policy.Decision;
import io.adacache.policy.Generation;
import io.adacache.policy.Reason;
import io.adacache.testkit.Layouts;
import io.adacache.testkit.MadeUpNumbers;
import io.adacache.testkit.PolicyDriver;
import io.adacache.testkit.PolicyDriver.Driven;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The policies that measure nothing: published presets as fixed numbers, and each rule against a transcription of its source. */
class ScheduleRulesTest {
    private static final int DEPTH = 28;
    private static final int TRIALS = 200;

    /** Steps from 0 in which each site is reused. */
    private static Map<Site, List<Integer>> reused(String policy, Layout layout, List<Double> timesteps) {
        return reused(policy, layout, new Generation(timesteps.size(), List.of(Generation.SINGLE_BRANCH), timesteps));
    }

    private static Map<Site, List<Integer>> reused(String text, Layout layout, Generation generation) {
        CachePolicy policy = Policies.parse(text, generation.steps());
        Map<Site, List<Integer>> reused = new HashMap<>();
        layout.sites().forEach(site -> reused.put(site, new ArrayList<>()));
        for (Driven step : PolicyDriver.drive(policy, layout, generation, MadeUpNumbers.plausible(1))) {
            step.decisions().forEach((span, decision) -> {
                assertThat(decision.reason()).isNotEqualTo(Reason.NOTHING_KEPT);
                if (decision instanceof Decision.Reuse) {
                    sitesOf(layout, span).forEach(site -> reused.get(site).add(step.step() - 1));
                }
            });
        }
        return reused;
    }

    private static List<Site> sitesOf(Layout layout, Span span) {
        return layout.sites()
                .subList(span.first(), Math.min(span.last(), layout.sites().size()));
    }

    private static List<Integer> of(Map<Site, List<Integer>> reused, ResidualKind kind, int block) {
        List<List<Integer>> all = reused.entrySet().stream()
                .filter(entry -> entry.getKey().kind() == kind && entry.getKey().block() == block)
                .map(Map.Entry::getValue)
                .distinct()
                .toList();
        assertThat(all).as("sites of kind %s in block %d agree", kind, block).hasSize(1);
        return all.get(0);
    }

    private static List<Integer> ints(int... values) {
        return IntStream.of(values).boxed().toList();
    }

    /** Open-Sora's rectified flow and timestep transform, written out: 30 steps, 480 x 854, 51 frames. */
    private static List<Double> openSoraTimesteps(int steps) {
        double space = Math.sqrt(480.0 * 854 / (512 * 512));
        double time = Math.sqrt(51 / 17 * 5);
        return IntStream.range(0, steps)
                .mapToDouble(i -> 1 - (double) i / steps)
                .map(t -> space * time * t / (1 + (space * time - 1) * t) * 1000)
                .boxed()
                .toList();
    }

    @Test
    void pabSlowOnOpenSora480p() {
        Map<Site, List<Integer>> reused = reused("pab", Layouts.openSora(DEPTH), openSoraTimesteps(30));
        for (int block : new int[] {0, 4, 5, DEPTH - 1}) {
            assertThat(of(reused, ResidualKind.SPATIAL_ATTENTION, block))
                    .isEqualTo(ints(9, 11, 13, 15, 17, 19, 21, 23, 25));
            assertThat(of(reused, ResidualKind.TEMPORAL_ATTENTION, block))
                    .isEqualTo(ints(9, 10, 11, 13, 14, 15, 17, 18, 19, 21, 22, 23, 25));
            assertThat(of(reused, ResidualKind.CROSS_ATTENTION, block))
                    .isEqualTo(ints(9, 10, 11, 13, 14, 15, 16, 17, 19, 20, 21, 22, 23, 25));
        }
        assertThat(of(reused, ResidualKind.MLP, 4)).isEqualTo(ints(14, 15, 18, 19, 22, 23));
        assertThat(of(reused, ResidualKind.MLP, 5)).isEmpty();
    }

    @Test
    void pabsListedTimestepsOfOpenSoraExistInBf16Only() {
        Map<Site, List<Integer>> reused =
                reused("pab:timestep-dtype=fp32", Layouts.openSora(DEPTH), openSoraTimesteps(30));
        assertThat(of(reused, ResidualKind.MLP, 0)).isEmpty();
        assertThat(of(reused, ResidualKind.SPATIAL_ATTENTION, 0)).hasSize(9);
    }

    @Test
    void pabFastOnOpenSora480p() {
        Map<Site, List<Integer>> reused = reused("pab:fast", Layouts.openSora(DEPTH), openSoraTimesteps(30));
        assertThat(of(reused, ResidualKind.SPATIAL_ATTENTION, 0))
                .isEqualTo(ints(9, 11, 12, 13, 14, 16, 17, 18, 19, 21, 22, 23, 24));
        assertThat(of(reused, ResidualKind.TEMPORAL_ATTENTION, 0))
                .isEqualTo(ints(9, 10, 11, 12, 13, 15, 16, 17, 18, 19, 20, 22, 23, 24, 25));
        assertThat(of(reused, ResidualKind.CROSS_ATTENTION, 0))
                .isEqualTo(ints(10, 11, 12, 13, 14, 15, 16, 17, 19, 20, 21, 22, 23, 24, 25));
    }

    @Test
    void pabOnLatteAndOpenSoraPlanFindsItsListedTimesteps() {
        List<Double> ddim = IntStream.range(0, 50).mapToObj(i -> 980.0 - 20 * i).toList();
        Map<Site, List<Integer>> latte = reused("pab", Layouts.latte(14), ddim);
        // 720 is step 13, 640 is step 17, then 21, 25 and 29.
        assertThat(of(latte, ResidualKind.MLP, 4)).isEqualTo(ints(14, 15, 18, 19, 22, 23, 26, 27, 30, 31));
        assertThat(of(latte, ResidualKind.MLP, 5)).isEmpty();
        // Between 800 (step 9) and 100 (step 44), both excluded.
        assertThat(of(latte, ResidualKind.TEMPORAL_ATTENTION, 0))
                .isEqualTo(IntStream.range(10, 44)
                        .filter(step -> step % 3 != 0)
                        .boxed()
                        .toList());
        assertThat(of(latte, ResidualKind.POSITION, 0)).isEmpty();

        List<Double> pndm = IntStream.range(0, 150).mapToObj(i -> 894.0 - 6 * i).toList();
        Map<Site, List<Integer>> plan = reused("pab", Layouts.openSora(DEPTH), pndm);
        // 738 is step 26; every fourth step is listed, the two after it reuse.
        assertThat(of(plan, ResidualKind.MLP, 6))
                .startsWith(27, 28, 31, 32, 35, 36)
                .hasSize(28);
        assertThat(of(plan, ResidualKind.MLP, 7)).isEmpty();
    }

    @Test
    void pabNeedsTimesteps() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Policies.parse("pab", 30).begin(Layouts.openSora(2), Generation.of(30)))
                .withMessageContaining("timesteps(...)");
    }

    @Test
    void pabKeepsOnlyWhatIsReusedAndCutsOnlyWhereItMust() {
        Layout layout = Layouts.openSora(DEPTH);
        Generation generation = new Generation(30, List.of("single"), openSoraTimesteps(30));
        List<Driven> steps =
                PolicyDriver.drive(Policies.parse("pab", 30), layout, generation, MadeUpNumbers.plausible(1));
        assertThat(steps.get(0).decisions()).hasSize(1);
        assertThat(steps.get(28).decisions()).hasSize(1);
        assertThat(steps.get(8).decisions().values().stream()
                        .filter(decision -> decision instanceof Decision.Compute compute && compute.keep()))
                .hasSize(4 * DEPTH);
    }

    @Test
    void pabFollowsItsSource() {
        Random random = new Random(2408);
        Layout layout = Layouts.openSora(6);
        for (int trial = 0; trial < TRIALS; trial++) {
            int steps = 2 + random.nextInt(40);
            List<Double> timesteps = IntStream.range(0, steps)
                    .mapToObj(i -> 1000.0 * (steps - i) / steps + (random.nextBoolean() ? 0 : random.nextDouble()))
                    .toList();
            int lo = random.nextInt(500);
            int hi = 500 + random.nextInt(500);
            int[] ranges = {1 + random.nextInt(5), 1 + random.nextInt(5), 1 + random.nextInt(5)};
            List<Integer> all = timesteps.stream().map(Double::intValue).toList();
            List<Integer> listed =
                    List.of(all.get(random.nextInt(steps)), all.get(random.nextInt(steps)), 1 + random.nextInt(1000));
            int skip = random.nextInt(4);
            String text = String.format(
                    "pab:timestep-dtype=fp32,window=%d-%d,spatial=%d,temporal=%d,cross=%d,mlp=%s,mlp-steps=%d,mlp-blocks=1;3-4",
                    lo,
                    hi,
                    ranges[0],
                    ranges[1],
                    ranges[2],
                    listed.stream().map(String::valueOf).collect(Collectors.joining(";")),
                    skip);
            Map<Site, List<Integer>> reused = reused(text, layout, timesteps);
            for (int kind = 0; kind < 3; kind++) {
                List<Integer> expected = new ArrayList<>();
                int count = 0;
                for (int step = 0; step < steps; step++) {
                    boolean flag = count % ranges[kind] != 0 && lo < all.get(step) && all.get(step) < hi;
                    count = (count + 1) % steps;
                    if (flag) {
                        expected.add(step);
                    }
                }
                ResidualKind[] kinds = {
                    ResidualKind.SPATIAL_ATTENTION, ResidualKind.TEMPORAL_ATTENTION, ResidualKind.CROSS_ATTENTION
                };
                assertThat(of(reused, kinds[kind], 2))
                        .as("%s of trial %d: %s", kinds[kind], trial, text)
                        .isEqualTo(expected);
            }
            List<Integer> mlp = new ArrayList<>();
            for (int step = 0; step < steps; step++) {
                if (!listed.contains(all.get(step)) && inSkipRange(all, all.get(step), listed, skip)) {
                    mlp.add(step);
                }
            }
            assertThat(of(reused, ResidualKind.MLP, 4))
                    .as("MLP of trial %d: %s, %s", trial, text, all)
                    .isEqualTo(mlp);
            assertThat(of(reused, ResidualKind.MLP, 2)).isEmpty();
        }
    }

    private static boolean inSkipRange(List<Integer> all, int timestep, List<Integer> keys, int skip) {
        for (int key : keys) {
            int index = all.indexOf(key);
            for (int i = index; index >= 0 && i < all.size() && i <= index + skip; i++) {
                if (all.get(i) == timestep) {
                    return true;
                }
            }
        }
        return false;
    }

    @Test
    void tGateOnOpenSora() {
        Map<Site, List<Integer>> reused = reused("tgate", Layouts.openSora(DEPTH), Generation.of(30));
        assertThat(of(reused, ResidualKind.CROSS_ATTENTION, 3))
                .isEqualTo(IntStream.range(12, 30).boxed().toList());
        assertThat(of(reused, ResidualKind.SPATIAL_ATTENTION, 3)).isEqualTo(ints(3, 5, 7, 9));
        assertThat(of(reused, ResidualKind.TEMPORAL_ATTENTION, 3)).isEqualTo(ints(3, 5, 7, 9));
        assertThat(of(reused, ResidualKind.MLP, 3)).isEmpty();
    }

    @Test
    void tGateFollowsItsSource() {
        Random random = new Random(2404);
        Layout layout = Layouts.openSora(2);
        for (int trial = 0; trial < TRIALS; trial++) {
            int steps = 2 + random.nextInt(40);
            int gate = 1 + random.nextInt(steps + 3);
            int before = 1 + random.nextInt(5);
            int after = 1 + random.nextInt(5);
            int warmUp = random.nextInt(5);
            String text = String.format(
                    "tgate:gate=%d,interval=%d,interval-after=%d,warm-up=%d", gate, before, after, warmUp);
            Map<Site, List<Integer>> reused = reused(text, layout, Generation.of(steps));
            List<Integer> cross = new ArrayList<>();
            List<Integer> self = new ArrayList<>();
            for (int s = 0; s < steps; s++) {
                boolean crossReused = false;
                boolean selfReused = false;
                if (s < gate - 1) {
                    if (s < warmUp) {
                        selfReused = false;
                    } else if (s == warmUp) {
                        selfReused = false;
                    } else {
                        selfReused = s % before != 0;
                    }
                } else if (s == gate - 1) {
                    crossReused = false;
                } else {
                    crossReused = true;
                    selfReused = s % after != 0;
                }
                if (crossReused) {
                    cross.add(s);
                }
                if (selfReused) {
                    self.add(s);
                }
            }
            assertThat(of(reused, ResidualKind.CROSS_ATTENTION, 1))
                    .as("trial %d: %s", trial, text)
                    .isEqualTo(cross);
            assertThat(of(reused, ResidualKind.TEMPORAL_ATTENTION, 1))
                    .as("trial %d: %s", trial, text)
                    .isEqualTo(self);
        }
    }

    @Test
    void tGateDropsTheNamedBranchAtTheGate() {
        var run = Policies.parse("tgate:gate=5,drop=uncond", 30)
                .begin(Layouts.openSora(1), new Generation(30, List.of("cond", "uncond"), List.of()));
        assertThat(IntStream.rangeClosed(1, 30).filter(step -> run.needs("uncond", step)))
                .containsExactly(1, 2, 3, 4, 5);
        assertThat(IntStream.rangeClosed(1, 30).allMatch(step -> run.needs("cond", step)))
                .isTrue();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Policies.parse("tgate:drop=uncond", 30).begin(Layouts.openSora(1), Generation.of(30)))
                .withMessageContaining("branches that are called separately are [single]");
    }

    @Test
    void deltaDitCachesTheRearEarlyAndTheFrontLate() {
        Map<Site, List<Integer>> reused =
                reused("delta-dit:gate=6,interval=3,front=2,rear=1", Layouts.openSora(4), Generation.of(12));
        assertThat(of(reused, ResidualKind.MLP, 0)).isEqualTo(ints(7, 8, 10, 11));
        assertThat(of(reused, ResidualKind.MLP, 1)).isEqualTo(ints(7, 8, 10, 11));
        assertThat(of(reused, ResidualKind.MLP, 2)).isEmpty();
        assertThat(of(reused, ResidualKind.MLP, 3)).isEqualTo(ints(1, 2, 4, 5));
    }

    @Test
    void deltaDitSavesOnOpenSoraWhatItsComparisonReports() {
        Map<Site, List<Integer>> reused = reused("delta-dit", Layouts.openSora(DEPTH), Generation.of(30));
        double saved = reused.values().stream().mapToInt(List::size).sum() / (30.0 * 6 * DEPTH);
        assertThat(saved).isBetween(0.019, 0.023);
    }

    @Test
    void foraIsOneSumWhereOneIntervalHolds() {
        Map<Site, List<Integer>> reused = reused("fora-3", Layouts.openSora(2), Generation.of(8));
        assertThat(reused.values()).containsOnly(ints(1, 2, 4, 5, 7));
        List<Driven> steps = PolicyDriver.drive(
                Policies.parse("fora-3", 8), Layouts.openSora(2), Generation.of(8), MadeUpNumbers.plausible(1));
        assertThat(steps).allSatisfy(step -> assertThat(step.decisions()).hasSize(1));
        Map<Site, List<Integer>> kinds = reused("fora:n=4,mlp=2,cross=1", Layouts.openSora(2), Generation.of(6));
        assertThat(of(kinds, ResidualKind.SPATIAL_ATTENTION, 1)).isEqualTo(ints(1, 2, 3, 5));
        assertThat(of(kinds, ResidualKind.MLP, 1)).isEqualTo(ints(1, 3, 5));
        assertThat(of(kinds, ResidualKind.CROSS_ATTENTION, 1)).isEmpty();
    }

    @Test
    void taylorSeerFollowsItsSource() {
        Random random = new Random(2503);
        for (int trial = 0; trial < TRIALS; trial++) {
            int steps = 1 + random.nextInt(40);
            int interval = 1 + random.nextInt(6);
            int first = 1 + random.nextInt(5);
            String text = "taylorseer:interval=" + interval + ",first=" + first + ",order=" + random.nextInt(3);
            List<Integer> expected = new ArrayList<>();
            int counter = 0;
            for (int step = 0; step < steps; step++) {
                if (step < first || counter == interval - 1) {
                    counter = 0;
                } else {
                    counter++;
                    expected.add(step);
                }
            }
            assertThat(reused(text, Layouts.joint(2), Generation.of(steps)).values())
                    .as("trial %d: %s, %d steps", trial, text, steps)
                    .containsOnly(expected);
        }
    }

    @Test
    void magCacheOnOpenSora() {
        List<Integer> reused = reused("magcache", Layouts.openSora(DEPTH), Generation.of(30))
                .values()
                .iterator()
                .next();
        assertThat(reused).isEqualTo(ints(6, 7, 8, 10, 11, 12, 14, 15, 16, 18, 19, 20, 22, 23, 24, 26, 27, 28));
    }

    @Test
    void magCacheFollowsItsSource() {
        Random random = new Random(2506);
        for (int trial = 0; trial < TRIALS; trial++) {
            int steps = 2 + random.nextInt(40);
            double[] ratios = random.doubles(steps - 1, 0.8, 1.1).toArray();
            double threshold = random.nextDouble() * 0.5;
            int limit = random.nextInt(5);
            double retention = random.nextDouble() * 0.5;
            String text =
                    "magcache:threshold=" + threshold + ",max-in-row=" + limit + ",retention=" + retention + ",ratios="
                            + DoubleStream.of(ratios).mapToObj(String::valueOf).collect(Collectors.joining(";"));
            List<Integer> expected = new ArrayList<>();
            double scale = 1;
            double error = 0;
            int skipped = 0;
            for (int t = 0; t < steps; t++) {
                if (t > 0 && t >= (int) (steps * retention)) {
                    scale = scale * ratios[t - 1];
                    skipped += 1;
                    error += Math.abs(1 - scale);
                    if (error <= threshold && skipped <= limit) {
                        expected.add(t);
                    } else {
                        scale = 1;
                        skipped = 0;
                        error = 0;
                    }
                }
            }
            assertThat(reused(text, Layouts.joint(1), Generation.of(steps)).values())
                    .as("trial %d: %s", trial, text)
                    .containsOnly(expected);
        }
    }

    @Test
    void magCacheTakesTheNearestRatioForOtherNumbersOfSteps() {
        MagCache policy = new MagCache("test", 0.1, 3, 0, List.of(0.9, 0.8, 0.7));
        assertThat(IntStream.range(1, 6).mapToDouble(step -> policy.ratio(step, 6)))
                .containsExactly(0.9, 0.9, 0.8, 0.7, 0.7);
        assertThat(policy.ratio(1, 2)).isEqualTo(0.7);
    }
}
