package io.adacache.tune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.adacache.AdaCache;
import io.adacache.CacheSession;
import io.adacache.Policies;
import io.adacache.event.Trace;
import io.adacache.event.Trace.StepRecord;
import io.adacache.layout.Layout;
import io.adacache.layout.ResidualKind;
import io.adacache.layout.Span;
import io.adacache.metric.Measure;
import io.adacache.metric.Measure.Reference;
import io.adacache.metric.Metric;
import io.adacache.metric.Probe;
import io.adacache.policy.CachePolicy;
import io.adacache.policy.Generation;
import io.adacache.testkit.FloatTensor;
import io.adacache.testkit.Layouts;
import io.adacache.testkit.LinearTransformer;
import io.adacache.testkit.ModelConstants;
import io.adacache.tune.Recording.Recorder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReplayTest {
    private static final int STEPS = 20;
    /** Sites behind a reused one see another hidden state than was recorded: live, such a policy measures other numbers. */
    private static final String OWN = "adacache-fast:schedule=own";

    private static final List<String> POLICIES = List.of(
            "none",
            "every-3",
            "adacache-fast",
            "adacache-slow-moreg:motion-scale=0.5,motion-power=1,motion-strides=1;2",
            "adacache-fast:metric=l2,location=several,residual=ca-mlp,forecast=1",
            "adacache-medium:metric=cosine,only=mlp",
            OWN,
            "pab:fast",
            "tgate:gate=5",
            "teacache:0.3,polynomial=1;0",
            "fbcache:0.1",
            "dbcache:0.1,first=2,last=1,warm-up=2",
            "magcache",
            "easycache:0.2",
            "taylorseer-3");

    private final LinearTransformer model = LinearTransformer.of(Layouts.openSora(3), 2, 4, 0);

    private List<List<FloatTensor>> wandering(long seed) {
        Random random = new Random(seed);
        float[] latent = new float[2 * 2 * 3 * 4];
        List<List<FloatTensor>> calls = new ArrayList<>();
        for (int step = 0; step < STEPS; step++) {
            float speed = step == 0 ? 1 : 0.3f * random.nextFloat() * random.nextFloat();
            for (int i = 0; i < latent.length; i++) {
                latent[i] += speed * (float) random.nextGaussian();
            }
            float timestep = 1000f * (STEPS - step) / STEPS;
            calls.add(List.of(
                    model.ops().tensor(latent, 2, 2, 3, 2, 2),
                    model.ops().tensor(new float[] {timestep, timestep}, 2)));
        }
        return calls;
    }

    private static Generation generation(String... branches) {
        return new Generation(
                STEPS,
                List.of(branches),
                IntStream.range(0, STEPS)
                        .mapToObj(step -> 1000.0 * (STEPS - step) / STEPS)
                        .toList());
    }

    private Recording record(Generation generation, List<List<FloatTensor>> calls) {
        List<CachePolicy> policies =
                POLICIES.stream().map(ModelConstants::policy).toList();
        try (Recorder<FloatTensor> recorder = Recording.begin(model, generation, policies)) {
            for (int step = 0; step < STEPS; step++) {
                for (int branch = 0; branch < generation.branches().size(); branch++) {
                    List<FloatTensor> inputs = calls.get((step + 3 * branch) % STEPS);
                    FloatTensor prediction = recorder.step(generation.branches().get(branch), inputs);
                    FloatTensor plain = model.forward(inputs);
                    assertThat(prediction.data()).isEqualTo(plain.data());
                    model.ops().release(prediction);
                    model.ops().release(plain);
                }
            }
            return recorder.recording();
        }
    }

    private List<StepRecord> live(String text, Generation generation, List<List<FloatTensor>> calls) {
        try (CacheSession<FloatTensor> session = CacheSession.builder(model)
                .policy(ModelConstants.policy(text))
                .steps(STEPS)
                .timesteps(generation.timesteps())
                .branches(generation.branches().toArray(String[]::new))
                .begin()) {
            for (int step = 0; step < STEPS; step++) {
                for (int branch = 0; branch < generation.branches().size(); branch++) {
                    model.ops()
                            .release(session.step(
                                    generation.branches().get(branch), calls.get((step + 3 * branch) % STEPS)));
                }
            }
            return session.trace().steps();
        }
    }

    @Test
    void aReplayDecidesAsALiveSessionOnTheSameInputs() {
        for (Generation generation : List.of(generation("single"), generation("cond", "uncond"))) {
            for (long seed = 5; seed < 8; seed++) {
                List<List<FloatTensor>> calls = wandering(seed);
                Recording recording = record(generation, calls);
                for (String text :
                        POLICIES.stream().filter(text -> !text.equals(OWN)).toList()) {
                    List<StepRecord> live = live(text, generation, calls);
                    List<StepRecord> replayed =
                            recording.replay(ModelConstants.policy(text)).steps();
                    for (int step = 0; step < STEPS; step++) {
                        assertThat(replayed.get(step).parts())
                                .as("%s, seed %d, step %d, %s", text, seed, step + 1, generation.branches())
                                .isEqualTo(live.get(step).parts());
                        assertThat(replayed.get(step).figures())
                                .as("%s, seed %d, step %d, %s", text, seed, step + 1, generation.branches())
                                .isEqualTo(live.get(step).figures());
                    }
                }
            }
        }
    }

    @Test
    void recordingGivesEveryTensorBack() {
        List<List<FloatTensor>> calls = wandering(1);
        long before = model.ops().live();
        record(generation("single"), calls);
        assertThat(model.ops().live()).isEqualTo(before);
    }

    @Test
    void aSavedRecordingReplaysTheSame(@TempDir Path folder) {
        Generation generation = generation("cond", "uncond");
        Recording recording = record(generation, wandering(2));
        Path file = folder.resolve("recording.json");
        recording.withAbout(Map.of("model", "a \"wandering\" one\n")).save(file);
        Recording loaded = Recording.load(file);
        assertThat(loaded.about()).containsExactly(Map.entry("model", "a \"wandering\" one\n"));
        assertThat(loaded.withAbout(Map.of()).json()).isEqualTo(recording.json());
        assertThat(loaded.layout()).isEqualTo(recording.layout());
        assertThat(loaded.generation()).isEqualTo(generation);
        for (String text : POLICIES) {
            CachePolicy policy = ModelConstants.policy(text);
            assertThat(loaded.replay(policy)).isEqualTo(recording.replay(policy));
        }
    }

    @Test
    void whatWasNotRecordedIsOneClearError() {
        Recording recording = record(generation("single"), wandering(2));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> recording.replay(Policies.parse("adacache:location=end,residual=mlp,metric=cosine")))
                .withMessageContaining("lacks the cosine distance of residuals:14")
                .withMessageContaining("Record again");
    }

    private static Trace replay(String policy, Layout layout, int steps, Map<String, List<Double>> numbers) {
        return Recording.perStep(layout, Generation.of(steps), numbers).replay(Policies.parse(policy));
    }

    @Test
    void schedulesFromNumbersAlone() {
        Layout openSora = Layout.repeating(
                28,
                ResidualKind.SPATIAL_ATTENTION,
                ResidualKind.CROSS_ATTENTION,
                ResidualKind.MLP,
                ResidualKind.TEMPORAL_ATTENTION,
                ResidualKind.CROSS_ATTENTION,
                ResidualKind.MLP);
        Trace every = replay("every-4", openSora, 10, Map.of());
        assertThat(every.computedSteps()).containsExactly(1, 5, 9, 10);
        assertThat(every.reusedSteps()).containsExactly(2, 3, 4, 6, 7, 8);
        assertThat(every.work()).isEqualTo(4);

        Trace gated = replay("tgate:4", openSora, 6, Map.of());
        assertThat(gated.partialSteps()).containsExactly(5, 6);
        assertThat(gated.reusedSteps(openSora.sites().get(1))).containsExactly(5, 6);
        assertThat(gated.work()).isBetween(5.33, 5.34);

        Trace teaCache = replay(
                "teacache:0.25,polynomial=1;0",
                openSora,
                8,
                Map.of("*", List.of(0.0, 0.1, 0.1, 0.1, 0.2, 0.2, 0.01, 0.01)));
        assertThat(teaCache.reusedSteps()).containsExactly(2, 3, 5, 7);

        Trace ada = replay(
                "adacache-fast-moreg:motion-power=1,motion-gradient=0,codebook="
                        + AdaCache.fast().codebook(30),
                openSora,
                10,
                Map.of(
                        "residuals:81",
                        List.of(0.0, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1),
                        "motion",
                        List.of(0.0, 0.385, 0.385, 0.385, 0.385, 0.77, 0.385, 0.385, 0.385, 0.385)));
        assertThat(ada.computedSteps()).containsExactly(1, 2, 7, 9, 10);

        assertThatIllegalArgumentException()
                .isThrownBy(() -> replay("teacache:polynomial=1;0", openSora, 8, Map.of()))
                .withMessageContaining("measures 'modulated:0' in step 2");
    }

    @Test
    void probesHaveIds() {
        for (Probe probe : List.of(
                new Probe.Residuals(List.of(3, 5)),
                new Probe.SpanSum(new Span(0, 6)),
                new Probe.Modulated(2),
                new Probe.Latent(),
                new Probe.Prediction())) {
            assertThat(Probe.of(probe.id())).isEqualTo(probe);
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Probe.of("residuals"))
                .withMessageContaining("is no probe");
        assertThat(new Measure.Distance(new Probe.Latent(), Metric.L1, Reference.LAST_TAKEN).probe())
                .isEqualTo(Probe.of("latent"));
    }
}
