package io.adacache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.adacache.event.CacheListener.SessionInfo;
import io.adacache.event.Trace.Ending;
import io.adacache.event.Trace.PartRecord;
import io.adacache.event.Trace.StepRecord;
import io.adacache.internal.SessionEngine;
import io.adacache.internal.SessionOptions;
import io.adacache.layout.Span;
import io.adacache.policy.Decision.Reason;
import io.adacache.policy.Generation;
import io.adacache.rivals.Schedules;
import io.adacache.testkit.FloatTensor;
import io.adacache.testkit.Layouts;
import io.adacache.testkit.LinearTransformer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class CacheStatsTest {
    private static final SessionInfo SESSION = new SessionInfo("17", "a model", "a policy", Generation.of(9));

    private static StepRecord step(int number, long millis, long held, long peak, Boolean... computed) {
        List<PartRecord> spans = new ArrayList<>();
        for (int i = 0; i < computed.length; i++) {
            spans.add(new PartRecord(new Span(i, i + 1), computed[i], Reason.SCHEDULE));
        }
        return new StepRecord(number, spans, List.of(), millis * 1_000_000, held, peak);
    }

    @Test
    void countsAndTakesMediansAndMaxima() {
        CacheStats stats = CacheStats.of(
                SESSION,
                Ending.CUT_SHORT,
                List.of(
                        step(1, 100, 10, 50, true, true),
                        step(2, 10, 30, 40, false, false),
                        step(3, 60, 20, 40, true, false),
                        step(4, 104, 20, 70, true, true),
                        step(5, 30, 0, 10, false, false)),
                List.of("beware"));
        assertThat(stats.steps()).isEqualTo(5);
        assertThat(stats.announcedSteps()).isEqualTo(9);
        assertThat(stats.computedSteps()).isEqualTo(2);
        assertThat(stats.reusedSteps()).isEqualTo(2);
        assertThat(stats.computedStepMillis()).hasValue(102);
        assertThat(stats.reusedStepMillis()).hasValue(20);
        assertThat(stats.totalMillis()).isEqualTo(304);
        assertThat(stats.bytesHeld()).isEqualTo(30);
        assertThat(stats.bytesPeak()).isEqualTo(70);
        assertThat(stats.work()).isEqualTo(2.5);
        assertThat(stats.idealSpeedup()).isEqualTo(2);
        assertThat(stats.estimatedSpeedup()).isCloseTo(5 * 102 / 304.0, within(1e-12));
        assertThat(stats.toString())
                .contains("a policy: cut-short, 5 of 9 steps; 2 computed, 2 reused", "[session 17]");
    }

    /** A first call that took two seconds more made a generation look slowed down, 0.5x, that was twice as fast. */
    @Test
    void slowFirstStepsDoNotSpoilTheEstimate() {
        CacheStats stats = CacheStats.of(
                SESSION,
                Ending.COMPLETED,
                List.of(
                        step(1, 2100, 0, 0, true),
                        step(2, 400, 0, 0, true),
                        step(3, 100, 0, 0, true),
                        step(4, 0, 0, 0, false),
                        step(5, 100, 0, 0, true),
                        step(6, 0, 0, 0, false),
                        step(7, 100, 0, 0, true),
                        step(8, 0, 0, 0, false)),
                List.of());
        assertThat(stats.settlingMillis()).isEqualTo(2300);
        assertThat(stats.estimatedSpeedup()).isCloseTo(8 * 100 / 500.0, within(1e-12));
        assertThat(stats.totalMillis()).isEqualTo(2800);
    }

    /** Half of the model lies outside of its sites: two of eight steps computed are no 4x, whatever the schedule says. */
    @Test
    void theIdealIsNoMoreThanReusedStepsAllow() {
        List<StepRecord> steps = new ArrayList<>(List.of(step(1, 100, 0, 0, true), step(2, 100, 0, 0, true)));
        for (int number = 3; number <= 8; number++) {
            steps.add(step(number, 50, 0, 0, false));
        }
        CacheStats stats = CacheStats.of(SESSION, Ending.COMPLETED, steps, List.of());
        assertThat(stats.steps() / stats.work()).isEqualTo(4);
        assertThat(stats.idealSpeedup()).isEqualTo(2);
        assertThat(stats.estimatedSpeedup()).isEqualTo(800 / 500.0);
    }

    /** Reuse that takes longer than computing (a tiny model) is no speed-up, and no claim of one. */
    @Test
    void reuseThatIsSlowerClaimsNothing() {
        CacheStats stats = CacheStats.of(
                SESSION, Ending.COMPLETED, List.of(step(1, 10, 0, 0, true), step(2, 20, 0, 0, false)), List.of());
        assertThat(stats.idealSpeedup()).isEqualTo(1);
        assertThat(stats.estimatedSpeedup()).isLessThan(1);
    }

    @Test
    void nothingDoneIsNoSpeedUp() {
        CacheStats stats = CacheStats.of(SESSION, Ending.UNUSED, List.of(), List.of());
        assertThat(stats.idealSpeedup()).isEqualTo(1);
        assertThat(stats.estimatedSpeedup()).isEqualTo(1);
        assertThat(stats.computedStepMillis()).isEmpty();
        assertThat(stats.toString()).contains("unused, 0 of 9 steps; 0 computed");
    }

    @Test
    void timeIsThatInsideTheSessionOfAllBranchesOfAStep() {
        AtomicLong clock = new AtomicLong();
        LinearTransformer model = LinearTransformer.of(Layouts.openSora(1));
        SessionEngine<FloatTensor> engine = new SessionEngine<>(
                model,
                Schedules.every(2),
                new Generation(2, List.of("a", "b"), List.of()),
                new SessionOptions(
                        "17", List.of(), false, false, Optional.empty(), () -> clock.getAndAdd(5), () -> {}));
        for (int step = 1; step <= 2; step++) {
            for (String branch : List.of("a", "b")) {
                clock.addAndGet(1000);
                model.ops().release(engine.step(step, branch, model.inputs(1, 1, 1, 1, 1)));
            }
        }
        assertThat(engine.records()).extracting(StepRecord::nanos).containsExactly(10L, 10L);
    }

    @Test
    void aStepThatMissesABranchIsRecordedWithAWarning() {
        LinearTransformer model = LinearTransformer.of(Layouts.openSora(1));
        try (CacheSession<FloatTensor> session = CacheSession.builder(model)
                .policy(Schedules.every(2))
                .steps(3)
                .branches("a", "b")
                .begin()) {
            List<FloatTensor> inputs = model.inputs(1, 1, 1, 1, 1);
            session.step(1, "a", inputs);
            session.step(2, "a", inputs);
            session.step(2, "b", inputs);
            assertThat(session.stats().steps()).isEqualTo(2);
            assertThat(session.stats().warnings()).singleElement().asString().contains("[a, b]");
            StepRecord second = session.trace().steps().get(1);
            assertThat(second.isComputed())
                    .as("b had nothing kept and was computed")
                    .isTrue();
            assertThat(second.parts()).singleElement().satisfies(span -> assertThat(span.reason())
                    .isEqualTo(Reason.NOTHING_KEPT));
        }
    }
}
