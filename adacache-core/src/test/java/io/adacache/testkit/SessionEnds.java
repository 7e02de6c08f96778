package io.adacache.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.adacache.AdaCache;
import io.adacache.CacheSession;
import io.adacache.event.CacheListener;
import io.adacache.event.Trace.Ending;
import io.adacache.event.Trace.StepRecord;
import io.adacache.layout.Span;
import io.adacache.policy.CachePolicy;
import io.adacache.rivals.Schedules;
import io.adacache.spi.Transformer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/**
 * What sessions hold, and that all of it is given back however they end. A chapter of {@link SessionKit}.
 *
 * @param <T> the engine's tensor type
 */
abstract class SessionEnds<T> extends SessionNeighbours<T> {
    @Test
    void closeGivesBackEveryTensorAfterAnyNumberOfSteps() {
        for (CachePolicy policy : policies()) {
            for (int steps = 0; steps <= STEPS; steps++) {
                CacheSession<T> session = session(policy).begin();
                for (int step = 1; step <= steps; step++) {
                    step(session, SEED, step);
                }
                session.close();
                session.close();
                assertLiveAsBefore();
            }
        }
    }

    @Test
    void aFinishedGenerationHoldsNothing() {
        for (CachePolicy policy : policies()) {
            try (CacheSession<T> session = session(policy).begin()) {
                run(session, SEED);
                assertLiveAsBefore();
            }
        }
    }

    /** What the model's own embedder keeps of a call's inputs, whatever the policy. */
    private long keptOfInputs() {
        try (CacheSession<T> session = session(Schedules.none()).begin()) {
            step(session, SEED, 1);
            return harness.live() - liveBefore;
        }
    }

    @Test
    void aStepHoldsWhatItSaysAndNothingElse() {
        long ofInputs = keptOfInputs();
        for (CachePolicy policy : policies()) {
            boolean embedded = false;
            try (CacheSession<T> session = session(policy).begin()) {
                for (int step = 1; step < STEPS; step++) {
                    step(session, SEED, step);
                    StepRecord record = session.trace().steps().get(step - 1);
                    embedded |= record.parts().get(0).part() instanceof Span;
                    assertThat(harness.live() > liveBefore + (embedded ? ofInputs : 0))
                            .as("%s holds %d bytes after step %d", policy.name(), record.bytesHeld(), step)
                            .isEqualTo(record.bytesHeld() > 0);
                    assertThat(record.bytesPeak()).isGreaterThanOrEqualTo(record.bytesHeld());
                }
            }
        }
    }

    /** Calls of a whole generation, and the moments among them at which something is to happen. */
    private List<Integer> moments(CachePolicy policy) {
        AtomicInteger calls = new AtomicInteger();
        Transformer<T> counting = new HookedTransformer<>(model, call -> calls.incrementAndGet());
        try (CacheSession<T> session = CacheSession.builder(counting)
                .policy(policy)
                .steps(STEPS)
                .timesteps(TIMESTEPS)
                .begin()) {
            run(session, SEED);
        }
        List<Integer> moments = new ArrayList<>();
        int count = Math.min(calls.get(), moments());
        for (int i = 0; i < count; i++) {
            moments.add(1 + (int) ((long) i * calls.get() / count));
        }
        return moments;
    }

    private CacheSession<T> hooked(CachePolicy policy, int moment, AtomicReference<Runnable> action) {
        AtomicInteger calls = new AtomicInteger();
        Transformer<T> hooked = new HookedTransformer<>(model, call -> {
            if (calls.incrementAndGet() == moment) {
                action.get().run();
            }
        });
        return CacheSession.builder(hooked)
                .policy(policy)
                .steps(STEPS)
                .timesteps(TIMESTEPS)
                .begin();
    }

    @Test
    void aFailureAtAnyMomentGivesEverythingBack() {
        for (CachePolicy policy : policies()) {
            for (int moment : moments(policy)) {
                RuntimeException failure = new RuntimeException("made to fail at call " + moment);
                CacheSession<T> session = hooked(policy, moment, new AtomicReference<>(() -> {
                    throw failure;
                }));
                assertThat(catchThrowable(() -> run(session, SEED)))
                        .as("%s", policy.name())
                        .isSameAs(failure);
                assertLiveAsBefore();
                assertThatThrownBy(() -> step(session, SEED, 1))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("failed");
                session.close();
                assertLiveAsBefore();
            }
            assertSame(generate(policy, SEED), generate(policy, SEED));
        }
    }

    @Test
    void aPolicyThatThrowsGivesEverythingBack() {
        for (CachePolicy policy : policies()) {
            for (String method : List.of("plan", "decide", "completed")) {
                CacheSession<T> session =
                        session(new ThrowingPolicy(policy, method, 3)).begin();
                assertThat(catchThrowable(() -> run(session, SEED)))
                        .as("%s, %s", policy.name(), method)
                        .hasMessage("made to fail in " + method);
                assertLiveAsBefore();
                session.close();
                assertLiveAsBefore();
            }
        }
    }

    @Test
    void aPolicyThatThrowsWhenItIsAskedForABranchGivesEverythingBack() {
        CachePolicy throwing = new ThrowingPolicy(Schedules.every(2), "needs", 1);
        try (CacheSession<T> session =
                session(throwing).branches("one", "other").begin()) {
            List<T> inputs = inputs(SEED, 1);
            assertThatThrownBy(() -> session.step("one", inputs)).hasMessage("made to fail in needs");
            harness.freeAll(inputs);
            assertLiveAsBefore();
        }
    }

    @Test
    void cancellationAtAnyMomentGivesEverythingBack() {
        for (CachePolicy policy : policies()) {
            int stopped = 0;
            for (int moment : moments(policy)) {
                AtomicReference<Runnable> action = new AtomicReference<>();
                try (CacheSession<T> session = hooked(policy, moment, action)) {
                    action.set(session::cancel);
                    Throwable thrown = catchThrowable(() -> run(session, SEED));
                    if (thrown == null) {
                        assertOver(session, policy, moment);
                    } else {
                        assertThat(thrown)
                                .as("%s, cancelled at call %d", policy.name(), moment)
                                .isInstanceOf(CancellationException.class);
                        stopped++;
                    }
                    assertLiveAsBefore();
                    assertThatThrownBy(() -> step(session, SEED, 1)).isInstanceOf(CancellationException.class);
                }
                assertLiveAsBefore();
            }
            assertThat(stopped).as("%s was stopped", policy.name()).isPositive();
        }
    }

    /** What was stopped too late to be noticed had made all its steps. */
    private void assertOver(CacheSession<T> session, CachePolicy policy, int moment) {
        assertThat(session.stats().steps())
                .as("%s, nothing was thrown at call %d", policy.name(), moment)
                .isEqualTo(STEPS);
    }

    @Test
    void closingFromAnotherThreadAtAnyMomentGivesEverythingBack() {
        for (CachePolicy policy : policies()) {
            int stopped = 0;
            for (int moment : moments(policy)) {
                AtomicReference<Runnable> action = new AtomicReference<>();
                CacheSession<T> session = hooked(policy, moment, action);
                action.set(() -> onAnotherThread(session::close));
                Throwable thrown = catchThrowable(() -> run(session, SEED));
                if (thrown == null) {
                    assertOver(session, policy, moment);
                } else {
                    assertThat(thrown)
                            .as("%s, closed at call %d", policy.name(), moment)
                            .isInstanceOf(IllegalStateException.class);
                    assertThat(thrown instanceof CancellationException
                                    || thrown.getMessage().contains("closed"))
                            .as("%s", thrown)
                            .isTrue();
                    stopped++;
                }
                assertLiveAsBefore();
                assertThatThrownBy(() -> step(session, SEED, 1))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("closed");
            }
            assertThat(stopped).as("%s was stopped", policy.name()).isPositive();
        }
    }

    private static void onAnotherThread(Runnable action) {
        Thread thread = new Thread(action);
        thread.start();
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aListenerThatThrowsDisturbsNothing() {
        CacheListener rude = new CacheListener() {
            @Override
            public void onStep(SessionInfo session, StepRecord record) {
                throw new IllegalStateException("a rude listener");
            }

            @Override
            public void onEnd(SessionInfo session, Ending ending, String reason, List<StepRecord> records) {
                throw new IllegalStateException("a rude listener, at the end");
            }
        };
        for (CachePolicy policy : policies()) {
            CacheSession<T> session = session(policy).listener(rude).begin();
            List<float[]> predictions = run(session, SEED);
            session.close();
            assertThat(session.stats().warnings())
                    .filteredOn(warning -> warning.contains("listener"))
                    .singleElement()
                    .asString()
                    .contains("rude");
            assertSame(predictions, generate(policy, SEED));
            assertLiveAsBefore();
        }
    }

    @Test
    void aListenerHearsOfEachStepOnce() {
        for (CachePolicy policy : policies()) {
            List<StepRecord> heard = new ArrayList<>();
            List<StepRecord> atTheEnd = new ArrayList<>();
            CacheSession<T> session = session(policy)
                    .listener(new CacheListener() {
                        @Override
                        public void onStep(SessionInfo session, StepRecord record) {
                            heard.add(record);
                        }

                        @Override
                        public void onEnd(SessionInfo session, Ending ending, String reason, List<StepRecord> records) {
                            atTheEnd.addAll(records);
                        }
                    })
                    .begin();
            run(session, SEED);
            assertThat(heard).extracting(StepRecord::step).containsExactly(1, 2, 3, 4, 5, 6);
            session.close();
            session.close();
            assertThat(atTheEnd).isEqualTo(heard).isEqualTo(session.trace().steps());
        }
    }

    @Test
    void inputsWithoutNumbersDoNotLeakAndComputeTheNextStep() {
        for (CachePolicy policy : policies()) {
            List<float[]> before = generate(policy, SEED);
            try (CacheSession<T> session = session(policy).begin()) {
                step(session, SEED, 1);
                List<T> broken = harness.inputsWithoutNumbers(SEED);
                take(session.step(broken));
                harness.freeAll(broken);
                for (int step = 3; step <= STEPS; step++) {
                    step(session, SEED, step);
                }
                if (policy instanceof AdaCache) {
                    assertThat(session.trace().computedSteps())
                            .as(policy.name())
                            .contains(1, 2, 3, 4);
                    assertThat(session.stats().warnings())
                            .anySatisfy(warning -> assertThat(warning).contains("number"));
                }
            }
            assertLiveAsBefore();
            assertSame(generate(policy, SEED), before);
        }
    }

    @Test
    void strictSessionsRefuseMeasuresThatAreNotNumbers() {
        assumeFalse(layout.isOpaque(), "needs sites");
        try (CacheSession<T> session = session(AdaCache.fast()).strict().begin()) {
            step(session, SEED, 1);
            List<T> broken = harness.inputsWithoutNumbers(SEED);
            assertThatThrownBy(() -> session.step(broken))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("number");
            harness.freeAll(broken);
            assertLiveAsBefore();
        }
    }
}
