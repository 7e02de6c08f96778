package io.adacache;

import static org.assertj.core.api.Assertions.assertThat;

import io.adacache.event.Trace.StepRecord;
import io.adacache.testkit.FloatTensor;
import io.adacache.testkit.HookedTransformer;
import io.adacache.testkit.Layouts;
import io.adacache.testkit.LinearTransformer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is measured in a computed step is asked for at once, so that a device is read once; a reused step asks for nothing. */
class OneReadTest {
    private static final int STEPS = 30;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "adacache-plus:calls=12",
                "adacache-plus:quality=0.1",
                "adacache-plus:calls=12,unit=call",
                "adacache-fast",
                "adacache-fast-moreg:motion-scale=0.05",
            })
    void aComputedStepIsReadOnce(String policy) {
        LinearTransformer model = LinearTransformer.of(Layouts.openSora(2));
        List<String> calls = new ArrayList<>();
        List<Integer> perStep = new ArrayList<>();
        try (CacheSession<FloatTensor> session = CacheSession.builder(new HookedTransformer<>(model, calls::add))
                .policy(Policies.parse(policy))
                .steps(STEPS)
                .begin()) {
            for (int step = 1; step <= STEPS; step++) {
                calls.clear();
                model.ops().release(session.step(model.inputs(step, 2, 4, 2, 2)));
                perStep.add((int) calls.stream().filter("compare"::equals).count());
            }
            List<StepRecord> records = session.trace().steps();
            for (StepRecord record : records) {
                boolean computed = session.trace().computedSteps().contains(record.step());
                int expected = computed && (record.step() > 1 || policy.contains("moreg")) ? 1 : 0;
                assertThat(perStep.get(record.step() - 1))
                        .as("%s, step %d", policy, record.step())
                        .isEqualTo(expected);
            }
        }
    }
}
