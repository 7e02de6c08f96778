package io.adacache.rivals;

import static io.adacache.rivals.ReusedSites.ints;
import static io.adacache.rivals.ReusedSites.of;
import static io.adacache.rivals.ReusedSites.reused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.adacache.layout.Layout;
import io.adacache.layout.ResidualKind;
import io.adacache.layout.Site;
import io.adacache.policy.Decision;
import io.adacache.policy.Generation;
import io.adacache.testkit.Layouts;
import io.adacache.testkit.MadeUpNumbers;
import io.adacache.testkit.PolicyDriver;
import io.adacache.testkit.PolicyDriver.Driven;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** PAB: published presets as fixed numbers, and the rule against a transcription of its source. */
class PabTest {
    private static final int DEPTH = 28;
    private static final int TRIALS = 200;

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
        Map<Site, List<Integer>> reused =
                reused("pab:" + Made.OPEN_SORA_PAB, Layouts.openSora(DEPTH), openSoraTimesteps(30));
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
        String text = "pab:" + Made.OPEN_SORA_PAB.replace("bf16", "fp32");
        Map<Site, List<Integer>> reused = reused(text, Layouts.openSora(DEPTH), openSoraTimesteps(30));
        assertThat(of(reused, ResidualKind.MLP, 0)).isEmpty();
        assertThat(of(reused, ResidualKind.SPATIAL_ATTENTION, 0)).hasSize(9);
        Generation generation = Made.generation(openSoraTimesteps(30));
        assertThat(Made.begin(text, Layouts.openSora(DEPTH), generation).warnings())
                .singleElement()
                .asString()
                .contains("reuses no MLP", "[676, 788, 864]", "timestep-dtype=fp32");
        assertThat(Made.begin("pab:" + Made.OPEN_SORA_PAB, Layouts.openSora(DEPTH), generation)
                        .warnings())
                .isEmpty();
    }

    @Test
    void pabFastOnOpenSora480p() {
        Map<Site, List<Integer>> reused =
                reused("pab:fast," + Made.OPEN_SORA_PAB, Layouts.openSora(DEPTH), openSoraTimesteps(30));
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
        Map<Site, List<Integer>> latte =
                reused("pab:window=100-800,temporal=3,mlp=720;640;560;480;400,mlp-blocks=0-4", Layouts.latte(14), ddim);
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

        String openSoraPlanMlp = IntStream.range(0, 14)
                .mapToObj(i -> String.valueOf(738 - 24 * i))
                .collect(Collectors.joining(";"));
        List<Double> pndm = IntStream.range(0, 150).mapToObj(i -> 894.0 - 6 * i).toList();
        Map<Site, List<Integer>> plan =
                reused("pab:window=100-850,mlp=" + openSoraPlanMlp + ",mlp-blocks=0-6", Layouts.openSora(DEPTH), pndm);
        // 738 is step 26; every fourth step is listed, the two after it reuse.
        assertThat(of(plan, ResidualKind.MLP, 6))
                .startsWith(27, 28, 31, 32, 35, 36)
                .hasSize(28);
        assertThat(of(plan, ResidualKind.MLP, 7)).isEmpty();
    }

    @Test
    void pabNeedsTimesteps() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Made.begin("pab:window=1-2", Layouts.openSora(2), Generation.of(30)))
                .withMessageContaining("timesteps(...)");
    }

    @Test
    void pabKeepsOnlyWhatIsReusedAndCutsOnlyWhereItMust() {
        Layout layout = Layouts.openSora(DEPTH);
        Generation generation = Made.generation(openSoraTimesteps(30));
        List<Driven> steps = PolicyDriver.drive(
                Made.policy("pab:" + Made.OPEN_SORA_PAB), layout, generation, MadeUpNumbers.plausible(1));
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
}
