package io.adacache.testkit;

import static io.adacache.testkit.SessionPolicies.wholeCalls;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.adacache.CacheSession;
import io.adacache.layout.Part;
import io.adacache.policy.CachePolicy;
import io.adacache.rivals.Schedules;
import io.adacache.spi.Transformer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/**
 * Sessions, branches and threads side by side. A chapter of {@link SessionKit}.
 *
 * @param <T> the engine's tensor type
 */
abstract class SessionNeighbours<T> extends SessionValues<T> {
    @Test
    void interleavedSessionsNeverMix() {
        for (CachePolicy policy : policies()) {
            List<float[]> first = new ArrayList<>();
            List<float[]> second = new ArrayList<>();
            try (CacheSession<T> one = session(policy).begin();
                    CacheSession<T> two = session(policy).begin()) {
                for (int step = 1; step <= STEPS; step++) {
                    first.add(step(one, SEED, step));
                    second.add(step(two, SEED + 1, step));
                }
            }
            assertSame(first, generate(policy, SEED));
            assertSame(second, generate(policy, SEED + 1));
        }
    }

    @Test
    void branchesNeverMix() {
        for (CachePolicy policy : List.of(Schedules.every(2), wholeCalls(Part.Call.CHANGE))) {
            List<float[]> conditional = new ArrayList<>();
            List<float[]> unconditional = new ArrayList<>();
            try (CacheSession<T> session =
                    session(policy).branches("conditional", "unconditional").begin()) {
                for (int step = 1; step <= STEPS; step++) {
                    List<T> with = inputs(SEED, step);
                    List<T> without = inputs(SEED + 1, step);
                    conditional.add(take(session.step("conditional", with)));
                    unconditional.add(take(session.step("unconditional", without)));
                    harness.freeAll(with);
                    harness.freeAll(without);
                }
                assertThat(session.stats().steps()).isEqualTo(STEPS);
            }
            assertSame(conditional, generate(policy, SEED));
            assertSame(unconditional, generate(policy, SEED + 1));
        }
    }

    @Test
    void twoSessionsAtOnceGiveWhatEachGivesAlone() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(2);
        try {
            for (CachePolicy policy : policies()) {
                Callable<List<float[]>> one = () -> generate(policy, SEED);
                Callable<List<float[]>> two = () -> generate(policy, SEED + 1);
                List<Future<List<float[]>>> both = threads.invokeAll(List.of(one, two));
                assertSame(both.get(0).get(), generate(policy, SEED));
                assertSame(both.get(1).get(), generate(policy, SEED + 1));
            }
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void aSessionMayBeHandedFromThreadToThread() throws Exception {
        CachePolicy policy = Schedules.every(3);
        List<float[]> predictions = new ArrayList<>();
        try (CacheSession<T> session = session(policy).begin()) {
            for (int step = 1; step <= STEPS; step++) {
                int number = step;
                ExecutorService thread = Executors.newSingleThreadExecutor();
                predictions.add(thread.submit(() -> step(session, SEED, number)).get());
                thread.shutdown();
            }
        }
        assertSame(predictions, generate(policy, SEED));
    }

    @Test
    void aConcurrentEntryIsRefused() throws Exception {
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        Transformer<T> waiting = new HookedTransformer<>(model, call -> {
            inside.countDown();
            await(goOn);
        });
        ExecutorService thread = Executors.newSingleThreadExecutor();
        try (CacheSession<T> session = CacheSession.builder(waiting)
                .policy(Schedules.every(2))
                .steps(STEPS)
                .begin()) {
            Future<float[]> first = thread.submit(() -> step(session, SEED, 1));
            await(inside);
            assertThatThrownBy(() -> step(session, SEED, 1))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("in use");
            goOn.countDown();
            assertThat(first.get()).isEqualTo(plain(SEED, 1));
            step(session, SEED, 2);
        } finally {
            thread.shutdownNow();
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            if (!latch.await(30, TimeUnit.SECONDS)) {
                throw new AssertionError("waited in vain");
            }
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
