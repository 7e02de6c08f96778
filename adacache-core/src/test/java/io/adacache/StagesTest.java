package io.adacache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.adacache.event.CacheListener;
import io.adacache.event.Trace.StepRecord;
import io.adacache.spi.Transformer;
import io.adacache.testkit.FloatTensor;
import io.adacache.testkit.Layouts;
import io.adacache.testkit.LinearTransformer;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One session over models that share a generation. */
class StagesTest {
    private static final int STEPS = 8;
    private static final int BOUNDARY = 5;

    private final LinearTransformer model = LinearTransformer.of(Layouts.openSora(2));
    private final List<Integer> computed = new ArrayList<>();
    private final List<Integer> asked = new ArrayList<>();
    private int step;

    @AfterEach
    void nothingIsLeft() {
        assertThat(model.ops().live()).isZero();
    }

    private Transformer<FloatTensor> pair() {
        return CacheSession.inStages(List.of(model, model), inputs -> {
            asked.add(step);
            return step < BOUNDARY ? 0 : 1;
        });
    }

    private CacheSession<FloatTensor> session(Transformer<FloatTensor> transformer, String policy) {
        return CacheSession.builder(transformer)
                .policy(policy)
                .steps(STEPS)
                .listener(new CacheListener() {
                    @Override
                    public void onStep(SessionInfo session, StepRecord record) {
                        if (record.isComputed()) {
                            computed.add(record.step());
                        }
                    }
                })
                .begin();
    }

    private CacheStats generate(Transformer<FloatTensor> transformer, String policy) {
        try (CacheSession<FloatTensor> session = session(transformer, policy)) {
            for (step = 1; step <= STEPS; step++) {
                List<FloatTensor> inputs = model.inputs(step, 2, 2, 2, 2);
                FloatTensor prediction = session.step(inputs);
                FloatTensor plain = model.forward(inputs);
                if (computed.contains(step)) {
                    assertThat(prediction.data()).isEqualTo(plain.data());
                }
                model.ops().release(prediction);
                model.ops().release(plain);
                inputs.forEach(model.ops()::release);
            }
            return session.stats();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "every-3",
                "easycache:threshold=9",
                "taylorseer:interval=4,first=3",
                "adacache:codebook=9:4,forecast=1"
            })
    void whatOneModelKeptIsDroppedWhereTheOtherBegins(String policy) {
        CacheStats stats = generate(pair(), policy);
        assertThat(computed).contains(BOUNDARY);
        assertThat(stats.reusedSteps()).isPositive();
        assertThat(stats.warnings()).isEmpty();
        assertThat(asked).contains(1, STEPS);
    }

    @Test
    void oneStageIsAsOneModel() {
        CacheStats alone = generate(model, "every-3");
        List<Integer> before = List.copyOf(computed);
        computed.clear();
        assertThat(generate(CacheSession.inStages(List.of(model), inputs -> 0), "every-3")
                        .computedSteps())
                .isEqualTo(alone.computedSteps());
        assertThat(computed).isEqualTo(before);
    }

    @Test
    void modelsOfOtherSitesAndStagesThatAreNotThereAreRefused() {
        LinearTransformer other = LinearTransformer.of(Layouts.openSora(1));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CacheSession.inStages(List.of(model, other), inputs -> 0))
                .withMessageContaining("same sites");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CacheSession.<FloatTensor>inStages(List.of(), inputs -> 0))
                .withMessageContaining("none was given");
        try (CacheSession<FloatTensor> session =
                session(CacheSession.inStages(List.of(model), inputs -> 2), "every-3")) {
            List<FloatTensor> inputs = model.inputs(1, 1, 2, 2, 2);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> session.step(inputs))
                    .withMessageContaining("no stage 2");
            inputs.forEach(model.ops()::release);
        }
    }

    /** What a model may say of itself beside what it must do: models in stages pass all of it on. */
    @Test
    void passOnWhateverAModelMaySay() {
        assertThat(Stream.of(Transformer.class.getMethods()).filter(Method::isDefault))
                .hasSizeGreaterThan(5)
                .allSatisfy(method -> assertThat(
                                Stages.class.getDeclaredMethod(method.getName(), method.getParameterTypes()))
                        .isNotNull());
    }
}
