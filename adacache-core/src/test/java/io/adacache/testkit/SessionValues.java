package io.adacache.testkit;

import static io.adacache.testkit.SessionPolicies.everySecond;
import static io.adacache.testkit.SessionPolicies.wholeCalls;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.adacache.AdaCache;
import io.adacache.CacheSession;
import io.adacache.CacheStats;
import io.adacache.event.CacheListener;
import io.adacache.event.Trace.StepRecord;
import io.adacache.layout.Part;
import io.adacache.layout.Span;
import io.adacache.policy.CachePolicy;
import io.adacache.policy.Codebook;
import io.adacache.policy.Decision;
import io.adacache.policy.Decision.Reason;
import io.adacache.rivals.Schedules;
import io.adacache.spi.Transformer.Embedded;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * What sessions predict, count and tell. A chapter of {@link SessionKit}.
 *
 * @param <T> the engine's tensor type
 */
abstract class SessionValues<T> extends SessionChapter<T> {
    @Test
    void computingEveryStepIsThePlainModelBitForBit() {
        List<CachePolicy> plainly = new ArrayList<>(List.of(Schedules.none(), Schedules.every(1)));
        if (!layout.isOpaque()) {
            plainly.add(AdaCache.builder().codebook(Codebook.parse("1:1")).build());
        }
        List<float[]> expected = new ArrayList<>();
        for (int step = 1; step <= STEPS; step++) {
            expected.add(plain(SEED, step));
        }
        for (CachePolicy policy : plainly) {
            assertSame(generate(policy, SEED), expected);
        }
    }

    @Test
    void computedStepsAreThePlainModelWhateverThePolicy() {
        for (CachePolicy policy : policies()) {
            try (CacheSession<T> session = session(policy).begin()) {
                List<float[]> predictions = run(session, SEED);
                assertThat(session.trace().computedSteps()).as(policy.name()).contains(1);
                for (int step : session.trace().computedSteps()) {
                    assertThat(predictions.get(step - 1))
                            .as("%s, step %d", policy.name(), step)
                            .isEqualTo(plain(SEED, step));
                }
            }
        }
    }

    @Test
    void forcedStepsCompute() {
        assumeFalse(layout.isOpaque(), "needs sites");
        AdaCache lazy = AdaCache.builder().codebook(Codebook.parse("1:100")).build();
        try (CacheSession<T> session = session(lazy).begin()) {
            run(session, SEED);
            assertThat(session.trace().computedSteps()).containsExactly(1, 2, STEPS - 1, STEPS);
        }
    }

    @Test
    void reuseAddsExactlyWhatWasKept() {
        assumeFalse(layout.isOpaque(), "needs sites");
        try (CacheSession<T> session = session(Schedules.every(2)).begin()) {
            step(session, SEED, 1);
            assertThat(step(session, SEED, 2)).isEqualTo(addedByHand());
        }
    }

    private float[] addedByHand() {
        List<T> first = inputs(SEED, 1);
        List<T> second = inputs(SEED, 2);
        List<T> all = new ArrayList<>();
        try (Embedded<T> computed = model.embed(first);
                Embedded<T> reused = model.embed(second)) {
            all.add(computed.hidden());
            all.add(reused.hidden());
            // A span of one site keeps the residual itself, a longer one the difference that it makes.
            int[] capture = layout.stack().size() == 1 ? new int[] {0} : new int[0];
            List<T> ran = model.run(layout.stack(), capture, computed.hidden(), computed);
            all.addAll(ran);
            T change = capture.length == 1
                    ? model.ops().copy(ran.get(1))
                    : model.ops().subtract(ran.get(0), computed.hidden());
            all.add(change);
            T moved = model.ops().addWeighted(reused.hidden(), new double[] {1}, List.of(change));
            all.add(moved);
            T prediction = model.head(moved, reused);
            all.add(prediction);
            return harness.values(prediction);
        } finally {
            all.forEach(model.ops()::release);
            harness.freeAll(first);
            harness.freeAll(second);
        }
    }

    @Test
    void aReusedCallRepeatsThePrediction() {
        List<float[]> predictions = generate(wholeCalls(Part.Call.PREDICTION), SEED);
        assertThat(predictions.get(1)).isEqualTo(predictions.get(0));
        assertThat(predictions.get(2)).isNotEqualTo(predictions.get(0));
    }

    @Test
    void aPolicyThatWantsMoreThanIsKeptIsAnErrorThatNamesIt() {
        Decision.Reuse tooMuch = new Decision.Reuse(Reason.SCHEDULE, new double[] {2, -1});
        ScriptedPolicy greedy = ScriptedPolicy.wholeCalls(
                        Part.Call.PREDICTION, step -> step == 1 ? Decision.compute(Reason.FIRST) : tooMuch)
                .withHistory(2);
        try (CacheSession<T> session = session(greedy).begin()) {
            step(session, SEED, 1);
            assertThatThrownBy(() -> step(session, SEED, 2))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining(greedy.name());
            assertLiveAsBefore();
        }
    }

    @Test
    void aPlanThatIsNoPartitionIsAnError() {
        assumeFalse(layout.isOpaque(), "needs sites");
        Span beyond = new Span(0, layout.sites().size() + 1);
        try (CacheSession<T> session = session(everySecond(List.of(beyond))).begin()) {
            assertThatThrownBy(() -> step(session, SEED, 1))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("covers all sites");
            assertLiveAsBefore();
        }
    }

    @Test
    void aBranchThatAPolicyDropsIsNotWaitedFor() {
        ScriptedPolicy policy = wholeCalls(Part.Call.PREDICTION);
        List<String> called = new ArrayList<>();
        try (CacheSession<T> session = session(new DroppingPolicy(policy, "unconditional", 3))
                .branches("conditional", "unconditional")
                .begin()) {
            for (int step = 1; step <= STEPS; step++) {
                for (String branch : List.of("conditional", "unconditional")) {
                    if (session.needs(branch, step)) {
                        List<T> inputs = inputs(SEED, step);
                        take(session.step(branch, inputs));
                        harness.freeAll(inputs);
                        called.add(branch);
                    }
                }
            }
            assertThat(session.stats().steps()).isEqualTo(STEPS);
            assertThat(called).hasSize(STEPS + 2);
            assertLiveAsBefore();
        }
    }

    @Test
    void aListenerMayCloseTheSessionFromWithin() {
        List<CacheSession<T>> open = new ArrayList<>();
        CacheSession<T> session = session(Schedules.every(2))
                .listener(new CacheListener() {
                    @Override
                    public void onStep(SessionInfo session, StepRecord record) {
                        open.get(0).close();
                    }
                })
                .begin();
        open.add(session);
        assertThat(step(session, SEED, 1)).isEqualTo(plain(SEED, 1));
        assertLiveAsBefore();
        assertThatThrownBy(() -> step(session, SEED, 2)).hasMessageContaining("closed");
    }

    @Test
    void aSecondGenerationIsAsTheFirst() {
        for (CachePolicy policy : policies()) {
            assertSame(generate(policy, SEED), generate(policy, SEED));
        }
    }

    @Test
    void countersAddUp() {
        for (CachePolicy policy : policies()) {
            try (CacheSession<T> session = session(policy).begin()) {
                for (int step = 1; step <= STEPS - 1; step++) {
                    step(session, SEED, step);
                }
                CacheStats stats = session.stats();
                List<StepRecord> records = session.trace().steps();
                assertThat(stats.announcedSteps()).isEqualTo(STEPS);
                assertThat(stats.steps()).isEqualTo(STEPS - 1).isEqualTo(records.size());
                long partly = records.stream()
                        .filter(record -> !record.isComputed() && !record.isReused())
                        .count();
                assertThat(stats.computedSteps() + stats.reusedSteps() + partly).isEqualTo(stats.steps());
                assertThat(stats.computedSteps())
                        .isEqualTo(session.trace().computedSteps().size());
                assertThat(stats.bytesHeld()).isLessThanOrEqualTo(stats.bytesPeak());
                assertThat(stats.policy()).isEqualTo(policy.name());
            }
        }
    }
}
