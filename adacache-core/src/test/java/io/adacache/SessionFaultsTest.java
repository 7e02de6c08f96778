package io.adacache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.adacache.event.CacheListener;
import io.adacache.event.Trace.Ending;
import io.adacache.event.Trace.StepRecord;
import io.adacache.layout.Layout;
import io.adacache.layout.Part;
import io.adacache.policy.CachePolicy;
import io.adacache.policy.Decision;
import io.adacache.policy.Decision.Reason;
import io.adacache.policy.PolicyRun;
import io.adacache.testkit.FloatTensor;
import io.adacache.testkit.HookedTransformer;
import io.adacache.testkit.Layouts;
import io.adacache.testkit.LinearTransformer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a session must not do, found by use: each of these went wrong once, or went wrong for others. */
class SessionFaultsTest {
    private static final int STEPS = 8;

    private final LinearTransformer model = LinearTransformer.of(Layouts.openSora(2));
    private final List<String> heard = new ArrayList<>();

    @AfterEach
    void nothingIsLeft() {
        assertThat(Thread.interrupted() ? 0 : model.ops().live()).isZero();
    }

    private CacheSession.Builder<FloatTensor> session(String policy) {
        return CacheSession.builder(model).policy(policy).steps(STEPS).listener(new CacheListener() {
            @Override
            public void onBegin(SessionInfo session) {
                heard.add("begin " + session.id());
            }

            @Override
            public void onStep(SessionInfo session, StepRecord record) {
                heard.add("step " + record.step());
            }

            @Override
            public void onEnd(SessionInfo session, Ending ending, String reason, List<StepRecord> steps) {
                heard.add(ending.id() + " after " + steps.size());
            }
        });
    }

    private float[] step(CacheSession<FloatTensor> session, int seed, int rows) {
        List<FloatTensor> inputs = model.inputs(seed, rows, 2, 2, 2);
        FloatTensor prediction = session.step(inputs);
        float[] data = prediction.data().clone();
        model.ops().release(prediction);
        inputs.forEach(model.ops()::release);
        return data;
    }

    private float[] plain(int seed, int rows) {
        List<FloatTensor> inputs = model.inputs(seed, rows, 2, 2, 2);
        FloatTensor prediction = model.forward(inputs);
        float[] data = prediction.data().clone();
        model.ops().release(prediction);
        inputs.forEach(model.ops()::release);
        return data;
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "17\n2026-11-27 INFO all is well", "\u001b[2J", "\u009b2J"})
    void anIdDoesNotForgeLinesOfALog(String id) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> session("none").id(id))
                .withMessageContaining("without control characters");
    }

    @Test
    void limitsOfTimeAndNoiseLevelsThatAreNoneAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> session("none").limit(Duration.ofSeconds(-1)))
                .withMessageContaining("0 or more");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> session("none")
                        .steps(2)
                        .timesteps(List.of(1.0, Double.NaN))
                        .begin())
                .withMessageContaining("The noise level of a step is a number");
        try (CacheSession<FloatTensor> session =
                session("none").limit(Duration.ofDays(400_000)).begin()) {
            step(session, 1, 1);
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
    void aChangedNumberOfRowsDropsWhatWasKeptAndComputes(String policy) {
        try (CacheSession<FloatTensor> session = session(policy).begin()) {
            for (int step = 1; step <= 5; step++) {
                step(session, step, 2);
            }
            assertThat(step(session, 6, 1)).isEqualTo(plain(6, 1));
            step(session, 7, 1);
            assertThat(step(session, 8, 3)).isEqualTo(plain(8, 3));
            assertThat(session.stats().warnings()).anyMatch(warning -> warning.contains("number of rows changed"));
            assertThat(session.stats().ending()).isEqualTo(Ending.COMPLETED);
        }
        assertThat(heard).endsWith("completed after 8");
    }

    @Test
    void anotherResolutionIsRefusedAndTheSessionGoesOn() {
        try (CacheSession<FloatTensor> session = session("every-2").begin()) {
            step(session, 1, 1);
            List<FloatTensor> larger = model.inputs(2, 1, 2, 4, 2);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> session.step(larger))
                    .withMessageContaining("changed size");
            larger.forEach(model.ops()::release);
            assertThat(step(session, 2, 1)).isNotEmpty();
        }
    }

    @Test
    void anInterruptStopsTheNextStepAndStaysSet() {
        try (CacheSession<FloatTensor> session = session("every-2").id("17").begin()) {
            step(session, 1, 1);
            Thread.currentThread().interrupt();
            List<FloatTensor> inputs = model.inputs(2, 1, 2, 2, 2);
            assertThatThrownBy(() -> session.step(inputs))
                    .isInstanceOf(CancellationException.class)
                    .hasMessageContaining("interrupted");
            assertThat(Thread.interrupted()).isTrue();
            inputs.forEach(model.ops()::release);
            assertThat(session.stats().ending()).isEqualTo(Ending.INTERRUPTED);
        }
        assertThat(heard).containsExactly("begin 17", "step 1", "interrupted after 1");
    }

    @Test
    void aLimitOfTimeStops() {
        try (CacheSession<FloatTensor> session =
                session("every-2").limit(Duration.ZERO).begin()) {
            List<FloatTensor> inputs = model.inputs(1, 1, 2, 2, 2);
            assertThatThrownBy(() -> session.step(inputs))
                    .isInstanceOf(CancellationException.class)
                    .hasMessageContaining("limit of PT0S");
            inputs.forEach(model.ops()::release);
        }
        assertThat(heard).endsWith("timed-out after 0");
    }

    @Test
    void howItEndedIsOneWord() {
        session("none").begin().close();
        assertThat(heard).endsWith("unused after 0");
        try (CacheSession<FloatTensor> session = session("none").begin()) {
            step(session, 1, 1);
        }
        assertThat(heard).endsWith("cut-short after 1");
        try (CacheSession<FloatTensor> session = session("none").begin()) {
            step(session, 1, 1);
            session.cancel();
        }
        assertThat(heard).endsWith("cancelled after 1");
        try (CacheSession<FloatTensor> session = session("none").begin()) {
            for (int step = 1; step <= STEPS; step++) {
                assertThat(session.stats().ending()).isEqualTo(Ending.RUNNING);
                step(session, step, 1);
            }
            assertThat(session.stats().toString())
                    .as("read behind the last step, as services do")
                    .contains("completed, 8 of 8 steps");
        }
        assertThat(heard).endsWith("completed after 8");
        try (CacheSession<FloatTensor> session = CacheSession.builder(new HookedTransformer<>(model, call -> {
                    throw new IllegalStateException("made to fail");
                }))
                .policy("none")
                .steps(2)
                .begin()) {
            List<FloatTensor> inputs = model.inputs(1, 1, 2, 2, 2);
            assertThatThrownBy(() -> session.step(inputs)).hasMessage("made to fail");
            inputs.forEach(model.ops()::release);
            assertThat(session.stats().ending()).isEqualTo(Ending.FAILED);
            assertThat(session.stats().toString()).contains("failed, 0 of 2 steps");
        }
    }

    @Test
    void anErrorOfAListenerIsNotTheGenerations() {
        CacheListener broken = new CacheListener() {
            @Override
            public void onStep(SessionInfo session, StepRecord record) {
                throw new AssertionError("a listener's own");
            }

            @Override
            public void onEnd(SessionInfo session, Ending ending, String reason, List<StepRecord> steps) {
                throw new StackOverflowError("a listener's own");
            }
        };
        try (CacheSession<FloatTensor> session = CacheSession.builder(model)
                .policy("every-2")
                .steps(2)
                .listener(broken)
                .begin()) {
            step(session, 1, 1);
            step(session, 2, 1);
        }
        try (CacheSession<FloatTensor> session =
                session("none").listener(broken).begin()) {
            step(session, 1, 1);
        }
        assertThat(heard).endsWith("cut-short after 1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"none", "every-2", "taylorseer-2"})
    void notANumberIsSaidAlsoWhereNothingIsMeasured(String policy) {
        try (CacheSession<FloatTensor> session = session(policy).begin()) {
            for (int step = 1; step <= STEPS; step++) {
                FloatTensor latent = model.ops().tensor(new float[] {Float.NaN, 1}, 1, 2, 1, 1, 1);
                FloatTensor timestep = model.ops().tensor(new float[] {500}, 1);
                model.ops().release(session.step(List.of(latent, timestep)));
                model.ops().release(latent);
                model.ops().release(timestep);
            }
            assertThat(session.stats().warnings())
                    .anyMatch(warning -> warning.contains("Not a number: the prediction"));
        }
    }

    @Test
    void weightsThatAreNoNumbersAreRefusedWhereTheyAreMade() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Decision.Reuse(Reason.SCHEDULE, new double[] {2, Double.NaN}))
                .withMessageContaining("finite");
    }

    @Test
    void whatAPolicyReturnsIsCheckedAndItsNameSaid() {
        assertWrong(
                CachePolicy.of("nothing", Set.of(), (layout, generation) -> null),
                "'nothing' returned null from begin");
        assertWrong(policy("no plan", null, null, 1), "'no plan' returned null from plan");
        assertWrong(
                policy("no decision", List.of(Part.Call.CHANGE), null, 1), "'no decision' returned null from decide");
        assertWrong(policy("empty", List.of(), null, 1), "'empty' planned []");
        assertWrong(policy("keeps nothing", List.of(Part.Call.CHANGE), null, 0), "'keeps nothing' keeps 0");
    }

    private static CachePolicy policy(String name, List<Part> plan, Decision decision, int history) {
        return CachePolicy.of(name, Set.of(), (layout, generation) -> new PolicyRun() {
            @Override
            public int history() {
                return history;
            }

            @Override
            public List<Part> plan(StepView step) {
                return plan;
            }

            @Override
            public Decision decide(Part part, StepView step) {
                return decision;
            }
        });
    }

    private void assertWrong(CachePolicy policy, String message) {
        List<FloatTensor> inputs = model.inputs(1, 1, 2, 2, 2);
        assertThatThrownBy(() -> {
                    try (CacheSession<FloatTensor> session =
                            CacheSession.builder(model).policy(policy).steps(2).begin()) {
                        session.step(inputs);
                    }
                })
                .isInstanceOfAny(IllegalStateException.class, IllegalArgumentException.class)
                .hasMessageContaining(message);
        inputs.forEach(model.ops()::release);
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 6, 8})
    void aPresetAtFewStepsComputesThemAllAndSaysSo(int steps) {
        try (CacheSession<FloatTensor> session =
                CacheSession.builder(model).policy("adacache-fast").steps(steps).begin()) {
            for (int step = 1; step <= steps; step++) {
                step(session, 1, 1);
            }
            assertThat(session.stats().computedSteps()).isEqualTo(steps);
            assertThat(session.stats().warnings()).anyMatch(warning -> warning.contains("for 30 and for 100 steps"));
        }
    }

    @Test
    void blockPoliciesOfAnOpaqueModelAreToldWhatWorks() {
        LinearTransformer opaque = LinearTransformer.of(Layout.opaque());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CacheSession.builder(opaque)
                        .policy("adacache-fast")
                        .steps(4)
                        .begin())
                .withMessageContaining("none, every, even, steps, easycache, adacache-plus");
    }
}
