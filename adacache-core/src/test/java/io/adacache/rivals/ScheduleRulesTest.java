package io.adacache.rivals;

import static io.adacache.rivals.ReusedSites.ints;
import static io.adacache.rivals.ReusedSites.of;
import static io.adacache.rivals.ReusedSites.reused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.adacache.layout.Layout;
import io.adacache.layout.ResidualKind;
import io.adacache.layout.Site;
import io.adacache.policy.Generation;
import io.adacache.testkit.Layouts;
import io.adacache.testkit.MadeUpNumbers;
import io.adacache.testkit.PolicyDriver;
import io.adacache.testkit.PolicyDriver.Driven;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The policies that measure nothing: published presets as fixed numbers, and each rule against a transcription of its source. */
class ScheduleRulesTest {
    private static final int DEPTH = 28;
    private static final int TRIALS = 200;

    @Test
    void whatBelongsToTheModelIsAskedFor() {
        Map.of(
                        "pab", "window",
                        "pab:window=1-999,mlp=5", "mlp-blocks",
                        "tgate", "gate",
                        "delta-dit:front=1", "gate",
                        "delta-dit:gate=1", "front",
                        "teacache", "polynomial",
                        "sencache", "alpha-x",
                        "magcache", "ratios")
                .forEach((text, setting) -> assertThatIllegalArgumentException()
                        .isThrownBy(() -> Made.policy(text))
                        .withMessageContaining("'" + text.split(":")[0] + "' needs the setting '" + setting + "'")
                        .withMessageContaining("constant of the model"));
    }

    @Test
    void tGateOnOpenSora() {
        Map<Site, List<Integer>> reused = reused("tgate:12", Layouts.openSora(DEPTH), Generation.of(30));
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
            int gate = 1 + random.nextInt(steps);
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
        var run = Made.begin(
                "tgate:gate=5,drop=uncond",
                Layouts.openSora(1),
                new Generation(30, List.of("cond", "uncond"), List.of()));
        assertThat(IntStream.rangeClosed(1, 30).filter(step -> run.needs("uncond", step)))
                .containsExactly(1, 2, 3, 4, 5);
        assertThat(IntStream.rangeClosed(1, 30).allMatch(step -> run.needs("cond", step)))
                .isTrue();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Made.begin("tgate:5,drop=uncond", Layouts.openSora(1), Generation.of(30)))
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
        Map<Site, List<Integer>> reused =
                reused("delta-dit:gate=25,front=6", Layouts.openSora(DEPTH), Generation.of(30));
        double saved = reused.values().stream().mapToInt(List::size).sum() / (30.0 * 6 * DEPTH);
        assertThat(saved).isBetween(0.019, 0.023);
    }

    @Test
    void foraIsOneSumWhereOneIntervalHolds() {
        Map<Site, List<Integer>> reused = reused("fora:3", Layouts.openSora(2), Generation.of(8));
        assertThat(reused.values()).containsOnly(ints(1, 2, 4, 5, 7));
        List<Driven> steps = PolicyDriver.drive(
                Made.policy("fora:3"), Layouts.openSora(2), Generation.of(8), MadeUpNumbers.plausible(1));
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
            int first = 1 + random.nextInt(5);
            int steps = first + 1 + random.nextInt(40);
            int interval = 1 + random.nextInt(6);
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
}
