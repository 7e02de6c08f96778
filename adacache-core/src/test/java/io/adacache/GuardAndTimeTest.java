package io.adacache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.withinPercentage;

import io.adacache.internal.SessionEngine;
import io.adacache.internal.SessionOptions;
import io.adacache.policy.Generation;
import io.adacache.spi.TensorOps.Storage;
import io.adacache.testkit.FloatTensor;
import io.adacache.testkit.Layouts;
import io.adacache.testkit.LinearTransformer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** A bound on the estimated error, and a time to keep. */
class GuardAndTimeTest {
    private static final int STEPS = 12;
    private final LinearTransformer model = LinearTransformer.of(Layouts.openSora(2));

    private CacheStats run(CacheSession.Builder<FloatTensor> builder) {
        try (CacheSession<FloatTensor> session = builder.steps(STEPS).begin()) {
            for (int step = 0; step < STEPS; step++) {
                model.ops().release(session.step(model.inputs(step, 1, 2, 2, 2)));
            }
            return session.stats();
        }
    }

    private CacheSession.Builder<FloatTensor> builder(String policy) {
        return CacheSession.builder(model).policy(policy);
    }

    @Test
    void theEstimateIsInTheStatistics() {
        assertThat(run(builder("every-3")).estimatedError()).isEmpty();
        double three = run(builder("every-3").guard(Double.POSITIVE_INFINITY))
                .estimatedError()
                .orElseThrow();
        double two = run(builder("every-2").guard(Double.POSITIVE_INFINITY))
                .estimatedError()
                .orElseThrow();
        assertThat(three).isGreaterThan(two);
        assertThat(two).isPositive();
        assertThat(run(builder("none").guard(1)).estimatedError()).hasValue(0);
    }

    /** A run of reused steps counts what its end turned out to be, not what was foreseen: |p(n) - p(n - 3)| / 3 per step, two steps off by once and twice that. */
    @Test
    void whatWasForeseenIsReplacedByWhatWasMeasured() {
        List<float[]> predictions = new ArrayList<>();
        try (CacheSession<FloatTensor> session =
                CacheSession.builder(model).policy("none").steps(STEPS).begin()) {
            for (int step = 0; step < STEPS; step++) {
                FloatTensor prediction = session.step(model.inputs(step, 1, 2, 2, 2));
                predictions.add(model.ops().values(prediction).clone());
                model.ops().release(prediction);
            }
        }
        double expected = 0;
        List<Integer> computed = computedSteps("every-3");
        for (int i = 1; i <= computed.size(); i++) {
            int end = i < computed.size() ? i : i - 1;
            int passed = computed.get(end) - computed.get(end - 1);
            double rate =
                    change(predictions.get(computed.get(end) - 1), predictions.get(computed.get(end - 1) - 1)) / passed;
            int next = i < computed.size() ? computed.get(i) : STEPS + 1;
            for (int step = computed.get(i - 1) + 1; step < next; step++) {
                expected += (step - computed.get(i - 1)) * rate / STEPS;
            }
        }
        assertThat(run(builder("every-3").guard(Double.POSITIVE_INFINITY))
                        .estimatedError()
                        .orElseThrow())
                .isCloseTo(expected, withinPercentage(0.1));
    }

    private List<Integer> computedSteps(String policy) {
        try (CacheSession<FloatTensor> session =
                CacheSession.builder(model).policy(policy).steps(STEPS).begin()) {
            for (int step = 0; step < STEPS; step++) {
                model.ops().release(session.step(model.inputs(step, 1, 2, 2, 2)));
            }
            return session.trace().computedSteps();
        }
    }

    private static double change(float[] now, float[] before) {
        double difference = 0;
        double size = 0;
        for (int i = 0; i < now.length; i++) {
            difference += Math.abs(now[i] - before[i]);
            size += Math.abs(before[i]);
        }
        return difference / size;
    }

    @Test
    void aBoundIsWarnedOfOrKept() {
        double free = run(builder("every-3").guard(Double.POSITIVE_INFINITY))
                .estimatedError()
                .orElseThrow();
        CacheStats warned = run(builder("every-3").guard(free / 2));
        assertThat(warned.warnings()).anyMatch(line -> line.contains("estimated error came to its bound"));
        assertThat(warned.computedSteps()).isEqualTo(run(builder("every-3")).computedSteps());
        for (String policy : List.of("every-3", "adacache-fast", "easycache:10", "taylorseer-3")) {
            CacheStats kept = run(builder(policy).guardComputing(free / 2));
            assertThat(kept.estimatedError().orElseThrow()).as(policy).isLessThanOrEqualTo(free / 2);
        }
        assertThat(run(builder("every-3").guardComputing(free / 2)).computedSteps())
                .isGreaterThan(warned.computedSteps());
        assertThatIllegalArgumentException().isThrownBy(() -> builder("none").guard(0));
    }

    private SessionEngine<FloatTensor> timed(double seconds, boolean strict, AtomicLong clock) {
        return new SessionEngine<>(
                model,
                Policies.parse("every:n=1"),
                Generation.of(STEPS),
                new SessionOptions(
                        "t",
                        List.of(),
                        strict,
                        false,
                        Optional.empty(),
                        clock::get,
                        () -> {},
                        OptionalDouble.of(seconds),
                        Optional.empty(),
                        Map.of(),
                        Storage.FULL));
    }

    @Test
    void aTimeThatCannotBeKeptIsSaidAndTheRestIsReused() {
        AtomicLong clock = new AtomicLong();
        try (Closing closing = new Closing(timed(2, false, clock))) {
            for (int step = 1; step <= STEPS; step++) {
                model.ops().release(closing.engine.next("single", model.inputs(step, 1, 2, 2, 2)));
                clock.addAndGet(closing.computed() == step ? 1_500_000_000L : 300_000_000L);
            }
            assertThat(closing.engine.warnings()).anyMatch(line -> line.startsWith("2 seconds cannot be kept"));
            assertThat(closing.computed())
                    .as("the policy would compute every step")
                    .isLessThanOrEqualTo(2);
        }
    }

    @Test
    void aStrictSessionFails() {
        AtomicLong clock = new AtomicLong();
        try (Closing closing = new Closing(timed(2, true, clock))) {
            assertThatThrownBy(() -> {
                        for (int step = 1; step <= STEPS; step++) {
                            model.ops().release(closing.engine.next("single", model.inputs(step, 1, 2, 2, 2)));
                            clock.addAndGet(2_500_000_000L);
                        }
                    })
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("seconds cannot be kept");
        }
    }

    private record Closing(SessionEngine<FloatTensor> engine) implements AutoCloseable {
        int computed() {
            return (int) engine.records().stream()
                    .filter(record -> record.isComputed())
                    .count();
        }

        @Override
        public void close() {
            engine.close();
        }
    }
}
