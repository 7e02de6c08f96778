package io.adacache.djl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.translate.TranslateException;
import io.adacache.AdaCache;
import io.adacache.CacheSession;
import io.adacache.Policies;
import io.adacache.layout.Layout.Granularity;
import io.adacache.policy.CachePolicy;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Whole generations on the tiny Open-Sora model: a plain Euler loop that follows the predictions. */
class GenerationTest {
    private static final int STEPS = 30;
    private static TorchScriptTransformer model;

    @BeforeAll
    static void load() {
        model = TestModels.load(TestModels.OPEN_SORA);
    }

    @AfterAll
    static void close() {
        assertThat(model.live()).isZero();
        model.close();
    }

    private record Result(float[] latents, List<Integer> computed) {}

    private static Result generate(CachePolicy policy, long seed) {
        try (CacheSession<NDArray> session = model.begin(policy, STEPS)) {
            float[] latents = TestModels.noise(seed, 2 * 4 * 8 * 8 * 8);
            for (int i = 0; i < STEPS; i++) {
                try (NDManager manager = model.newManager()) {
                    NDList inputs = TestModels.openSora(manager, seed, 1000 - 1000.0 * i / STEPS);
                    inputs.get(0).set(latents);
                    NDArray velocity = session.step(inputs).get(":, :4");
                    latents = inputs.get(0).add(velocity.div(STEPS)).toFloatArray();
                }
            }
            return new Result(latents, session.trace().computedSteps());
        }
    }

    @Test
    void granularitiesAgree() {
        AdaCache fused = AdaCache.fast().withMotionRegularization();
        Result expected = generate(fused, 7);
        assertThat(expected.computed()).hasSizeLessThan(STEPS);
        for (Granularity granularity : List.of(Granularity.PAIRS, Granularity.SITES)) {
            Result actual = generate(fused.toBuilder().granularity(granularity).build(), 7);
            assertThat(actual.computed()).isEqualTo(expected.computed());
            assertClose(actual.latents(), expected.latents(), 1e-4);
        }
    }

    private static void assertClose(float[] actual, float[] expected, double tolerance) {
        double max = 0;
        double difference = 0;
        for (int i = 0; i < expected.length; i++) {
            max = Math.max(max, Math.abs(expected[i]));
            difference = Math.max(difference, Math.abs(expected[i] - actual[i]));
        }
        assertThat(difference / max).isCloseTo(0, within(tolerance));
    }

    @Test
    void sessionsAtOnceGiveWhatTheyGiveAlone() throws Exception {
        List<CachePolicy> policies =
                List.of(AdaCache.fast(), Policies.none(), AdaCache.slow(), Policies.parse("every-3"));
        List<Result> alone = new ArrayList<>();
        for (int i = 0; i < policies.size(); i++) {
            alone.add(generate(policies.get(i), i));
        }
        ExecutorService executor = Executors.newFixedThreadPool(policies.size());
        try {
            List<Future<Result>> together = new ArrayList<>();
            for (int i = 0; i < policies.size(); i++) {
                int index = i;
                together.add(executor.submit(() -> generate(policies.get(index), index)));
            }
            for (int i = 0; i < policies.size(); i++) {
                assertThat(together.get(i).get().latents())
                        .isEqualTo(alone.get(i).latents());
                assertThat(together.get(i).get().computed())
                        .isEqualTo(alone.get(i).computed());
            }
        } finally {
            executor.shutdown();
        }
    }

    @Test
    void predictorTakesThePlaceOfDjls() throws TranslateException {
        try (NDManager manager = model.newManager();
                CachingPredictor predictor = model.newPredictor()) {
            float[] plain = predictor
                    .predict(TestModels.openSora(manager, 3, 900))
                    .get(0)
                    .toFloatArray();
            try (CacheSession<NDArray> generation = predictor.begin(Policies.parse("every-2"), 4)) {
                assertThatThrownBy(() -> predictor.begin(Policies.none(), 4))
                        .hasMessageContaining("close its session first");
                for (int i = 0; i < 4; i++) {
                    NDList predictions = predictor.predict(TestModels.openSora(manager, 3, 900));
                    assertClose(predictions.get(0).toFloatArray(), plain, 1e-6);
                }
                assertThat(generation.stats().reusedSteps()).isEqualTo(1);
            }
            try (CacheSession<NDArray> generation =
                    predictor.begin(model.session().steps(2).branches("conditional", "unconditional"))) {
                predictor.predict("conditional", TestModels.openSora(manager, 3, 900));
                predictor.predict("unconditional", TestModels.openSora(manager, 4, 900));
                assertThat(generation.stats().steps()).isEqualTo(1);
            }
            assertThat(predictor
                            .predict(TestModels.openSora(manager, 3, 900))
                            .get(0)
                            .toFloatArray())
                    .isEqualTo(plain);
        }
    }

    @Test
    void notANumberIsComputedAndWarnedOf() {
        try (NDManager manager = model.newManager();
                CacheSession<NDArray> session = model.begin(AdaCache.fast(), STEPS)) {
            for (int i = 0; i < 5; i++) {
                NDList inputs = TestModels.openSora(manager, 3, 900);
                inputs.get(0).set(nan());
                session.step(inputs);
            }
            assertThat(session.stats().computedSteps()).isEqualTo(5);
            assertThat(session.stats().warnings()).hasSize(1).first().asString().contains("Not a number");
        }
    }

    private static float[] nan() {
        float[] values = new float[2 * 4 * 8 * 8 * 8];
        java.util.Arrays.fill(values, Float.NaN);
        return values;
    }
}
