package io.adacache.rivals;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.adacache.layout.Layout;
import io.adacache.layout.Span;
import io.adacache.metric.Measure;
import io.adacache.metric.Probe;
import io.adacache.metric.Sums;
import io.adacache.policy.CachePolicy;
import io.adacache.policy.Decision;
import io.adacache.policy.Generation;
import io.adacache.policy.Settings;
import io.adacache.testkit.Layouts;
import io.adacache.testkit.PolicyDriver;
import io.adacache.testkit.PolicyDriver.Driven;
import io.adacache.tune.Recording;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The methods of 2025 and 2026: published schedules, and transcriptions of their rules. Steps count from 0, as there. */
class NewerRulesTest {
    private static final long SEED = 20261127;
    private static final Layout LAYOUT = Layouts.openSora(4);

    private static List<Integer> computed(String text, Layout layout, int steps) {
        return Recording.perStep(layout, Generation.of(steps), Map.of())
                .replay(Made.policy(text))
                .computedSteps()
                .stream()
                .map(step -> step - 1)
                .toList();
    }

    @ParameterizedTest
    @CsvSource({
        "50, 0.75, 0;1;2;3;4;6;8;11;15;20;25;31;38;46",
        "50, 3, 0;1;2;3;4;6;11;19;30;44",
        "30, 0.75, 0;1;2;3;4;6;8;11;15;20;25"
    })
    void spectrumComputesWhatItsCodeDoes(int steps, double growth, String expected) {
        assertThat(computed("spectrum:" + growth, Layout.opaque(), steps))
                .isEqualTo(List.of(expected.split(";")).stream()
                        .map(Integer::valueOf)
                        .toList());
    }

    @Test
    void spectrumsWeightsAddUpToOneAndReproduceALine() {
        Spectrum spectrum = (Spectrum) plain("spectrum", "order=4");
        List<Integer> kept = List.of(11, 8, 6, 4, 3, 2);
        double[] weights = spectrum.weights(kept, 13, 30);
        double sum = 0;
        for (double weight : weights) {
            sum += weight;
        }
        assertThat(sum).isCloseTo(1, within(1e-9));
        Spectrum exact = (Spectrum) plain("spectrum", "order=3,ridge=1e-9,blend=1");
        double[] through = exact.weights(kept, 13, 30);
        double value = 0;
        for (int i = 0; i < through.length; i++) {
            double step = kept.get(i);
            value += through[i] * (2 - step + 0.1 * step * step * step);
        }
        assertThat(value).isCloseTo(2 - 13 + 0.1 * 13 * 13 * 13, within(1e-3));
    }

    private static CachePolicy plain(String name, String settings) {
        var provider = Rivals.providers().stream()
                .filter(each -> each.name().equals(name))
                .findFirst()
                .orElseThrow();
        Map<String, String> given = new LinkedHashMap<>();
        for (String setting : settings.split(",")) {
            given.put(setting.split("=")[0], setting.split("=")[1]);
        }
        return provider.create(Settings.parse(name, provider.settings(), given));
    }

    @Test
    void meanCacheComputesItsPublishedSchedules() {
        assertThat(computed("meancache:10", Layout.opaque(), 50)).containsExactly(0, 2, 4, 7, 14, 21, 28, 35, 42, 49);
        assertThat(computed("meancache:17", Layout.opaque(), 50)).hasSize(17).endsWith(43, 47, 49);
        assertThat(computed("meancache:25", LAYOUT, 30)).startsWith(0, 1, 2).endsWith(29);
    }

    /** The published rule on latents and velocities, under Euler steps, against the weights. */
    @Test
    void meanCacheFollowsItsSource() {
        Random random = new Random(SEED);
        for (int window = 1; window < 5; window++) {
            int steps = 20;
            List<Double> levels = new ArrayList<>();
            double level = 1000;
            for (int i = 0; i < steps; i++) {
                levels.add(level);
                level *= 0.8 + 0.1 * random.nextDouble();
            }
            double[] velocity = random.doubles(steps).toArray();
            String text = "meancache:computed=1-3;6;7;12;20,window=" + window;
            List<Integer> schedule = List.of(0, 1, 2, 5, 6, 11, 19);
            double[] latent = new double[steps + 1];
            double[] used = new double[steps];
            for (int i = 0; i < steps; i++) {
                if (schedule.contains(i)) {
                    used[i] = velocity[i];
                } else {
                    int from = Math.max(0, i - window);
                    double whole = levels.get(i) - levels.get(from);
                    double next = i + 1 < steps ? levels.get(i + 1) : 0;
                    double jvp = (used[from] - (latent[i] - latent[from]) / whole) / whole;
                    used[i] = used[i - 1] - jvp * (next - levels.get(i));
                }
                double next = i + 1 < steps ? levels.get(i + 1) : 0;
                latent[i + 1] = latent[i] + used[i] * (next - levels.get(i));
            }
            Generation generation = new Generation(steps, List.of(Generation.SINGLE_BRANCH), levels);
            List<Driven> driven = PolicyDriver.drive(Made.policy(text), Layout.opaque(), generation, NOTHING);
            List<Double> newestFirst = new ArrayList<>();
            for (int i = 0; i < steps; i++) {
                Decision decision =
                        driven.get(i).decisions().values().iterator().next();
                if (decision instanceof Decision.Reuse reuse) {
                    double value = 0;
                    for (int k = 0; k < reuse.weights().length; k++) {
                        value += reuse.weights()[k] * newestFirst.get(k);
                    }
                    assertThat(value)
                            .as("seed %d, window %d, step %d", SEED, window, i)
                            .isCloseTo(used[i], within(1e-9));
                } else {
                    newestFirst.add(0, velocity[i]);
                }
            }
        }
    }

    private static final PolicyDriver.Numbers NOTHING = new PolicyDriver.Numbers() {
        @Override
        public Sums distance(int step, String branch, Measure.Distance measure) {
            throw new AssertionError("nothing is measured");
        }

        @Override
        public List<Sums> motion(int step, String branch, Measure.Motion measure) {
            throw new AssertionError("nothing is measured");
        }
    };

    @Test
    void bwCacheFollowsItsSource() {
        Random random = new Random(SEED);
        for (int trial = 0; trial < 100; trial++) {
            int steps = 5 + random.nextInt(60);
            List<Double> changes = IntStream.range(0, steps)
                    .mapToObj(i -> random.nextDouble() * 0.6)
                    .toList();
            int row = Math.max(1, (int) Math.round(0.1 * steps));
            List<Integer> expected = new ArrayList<>();
            int trigger = 0;
            int reused = 0;
            for (int n = 1; n <= steps; n++) {
                if (trigger == 0) {
                    expected.add(n);
                    trigger = n > 1 && changes.get(n - 1) < 0.15 ? n : 0;
                } else if (n > steps - trigger / 2 || reused == row) {
                    expected.add(n);
                    reused = 0;
                } else {
                    reused++;
                }
            }
            assertThat(Recording.perStep(LAYOUT, Generation.of(steps), Map.of("*", changes))
                            .replay(Made.policy("bwcache"))
                            .computedSteps())
                    .as("seed %d, trial %d", SEED, trial)
                    .isEqualTo(expected);
        }
    }

    @Test
    void senCacheFollowsItsSource() {
        Random random = new Random(SEED);
        for (int trial = 0; trial < 100; trial++) {
            int steps = 10 + random.nextInt(40);
            List<Double> levels = IntStream.range(0, steps)
                    .mapToObj(i -> 1000.0 * (steps - i) / steps)
                    .toList();
            List<Double> moved = IntStream.range(0, steps)
                    .mapToObj(i -> random.nextDouble() * 2)
                    .toList();
            double[] alphaX = {0.5, 0.2, 0.4};
            double[] alphaT = {0.004, 0.001};
            List<Integer> expected = new ArrayList<>(List.of(1));
            int last = 0;
            int row = 0;
            for (int s = 1; s < steps; s++) {
                double x = alphaX[(int) Math.rint(last * 2.0 / (steps - 1))];
                double t = alphaT[(int) Math.rint(last * 1.0 / (steps - 1))];
                double change = x * moved.get(s) + t * Math.abs(levels.get(s) - levels.get(last));
                double limit = s < 0.2 * steps ? 0.5 : 0.9;
                if (s < steps - 1 && change < limit && row < 3) {
                    row++;
                } else {
                    expected.add(s + 1);
                    last = s;
                    row = 0;
                }
            }
            Generation generation = new Generation(steps, List.of(Generation.SINGLE_BRANCH), levels);
            assertThat(Recording.perStep(LAYOUT, generation, Map.of("*", moved))
                            .replay(Made.policy("sencache:threshold=0.9,start-threshold=0.5,"
                                    + "alpha-x=0.5;0.2;0.4,alpha-t=0.004;0.001"))
                            .computedSteps())
                    .as("seed %d, trial %d", SEED, trial)
                    .isEqualTo(expected);
        }
    }

    @Test
    void foresightFollowsItsSource() {
        Random random = new Random(SEED);
        for (int trial = 0; trial < 100; trial++) {
            int steps = 8 + random.nextInt(30);
            int warmUp = 3;
            double[][] change = new double[steps][4];
            for (double[] row : change) {
                for (int l = 0; l < 4; l++) {
                    row[l] = random.nextDouble();
                }
            }
            PolicyDriver.Numbers numbers = new PolicyDriver.Numbers() {
                @Override
                public Sums distance(int step, String branch, Measure.Distance measure) {
                    Span span = ((Probe.SpanSum) measure.probe()).span();
                    return Sums.of(new double[][] {{change[step - 1][span.first() / span.size()], 1, 1}});
                }

                @Override
                public List<Sums> motion(int step, String branch, Measure.Motion measure) {
                    throw new AssertionError("no motion is measured");
                }
            };
            List<Driven> driven = PolicyDriver.drive(
                    Made.policy("foresight:gamma=0.8,warm-up=3"), LAYOUT, Generation.of(steps), numbers);
            double[] lambda = new double[4];
            double[] delta = new double[4];
            for (int s = 0; s < steps; s++) {
                int reused = -1;
                if (s >= warmUp && s % 2 != 0) {
                    for (int l = 0; l < 4; l++) {
                        reused = delta[l] <= lambda[l] ? l : reused;
                    }
                }
                for (int l = 0; l < 4; l++) {
                    if (l > reused) {
                        delta[l] = change[s][l];
                    }
                    if (s == warmUp - 1) {
                        lambda[l] = 0.8 * delta[l];
                    }
                }
                int asked = 0;
                for (Decision decision : driven.get(s).decisions().values()) {
                    assertThat(decision instanceof Decision.Reuse)
                            .as("seed %d, trial %d, step %d, part %d", SEED, trial, s, asked)
                            .isEqualTo(asked <= reused);
                    asked++;
                }
            }
        }
    }

    /** The same decisions with a forecast and without, and in reused steps the weights of the damped line. */
    @Test
    void aForecastChangesWeightsAlone() {
        for (String text : List.of("every:n=3", "teacache:threshold=0.3,polynomial=1;0", "bwcache:threshold=0.3")) {
            Random random = new Random(SEED);
            List<Double> changes = IntStream.range(0, 30)
                    .mapToObj(i -> random.nextDouble() * 0.2)
                    .toList();
            Recording recording = Recording.perStep(LAYOUT, Generation.of(30), Map.of("*", changes));
            assertThat(recording.replay(Made.policy(text + ",forecast=1")).computedSteps())
                    .as(text)
                    .isEqualTo(recording.replay(Made.policy(text)).computedSteps());
        }
        List<Driven> driven = PolicyDriver.drive(
                Made.policy("every:n=3,forecast=1,forecast-damping=0.5,forecast-reach=9"),
                LAYOUT,
                Generation.of(30),
                NOTHING);
        Decision.Reuse reuse =
                (Decision.Reuse) driven.get(5).decisions().values().iterator().next();
        assertThat(reuse.weights()).containsExactly(new double[] {1 + 1.0 / 3, -1.0 / 3}, within(1e-12));
    }
}
