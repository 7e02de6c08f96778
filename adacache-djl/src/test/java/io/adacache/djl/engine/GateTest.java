package io.adacache.djl.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The gate: whoever is inside may finish, nobody else gets in, and freeing comes last. */
@Timeout(60)
class GateTest {
    private final List<String> order = java.util.Collections.synchronizedList(new ArrayList<>());

    @Test
    void closingWaitsForTheCallThatIsInside() throws InterruptedException {
        Gate gate = Gate.open("m.pt");
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        Thread caller = started(() -> gate.call(() -> {
            inside.countDown();
            await(goOn);
            order.add("call");
            return 1;
        }));
        inside.await();
        Thread closer = started(() -> gate.close(() -> order.add("free")));
        awaitWaiting(closer);
        // An interrupt must not free under the call.
        closer.interrupt();
        assertThatThrownBy(() -> gate.call(() -> 2)).hasMessage("The model m.pt is closed; load it again");
        goOn.countDown();
        caller.join();
        closer.join();
        assertThat(order).containsExactly("call", "free");
    }

    @Test
    void oneAnswerAfterClosing() {
        Gate gate = Gate.open("m.pt");
        assertThat(gate.call(() -> 3)).isEqualTo(3);
        gate.close(() -> order.add("free"));
        gate.close(() -> order.add("again"));
        assertThat(gate.enterToFree()).isFalse();
        assertThat(order).containsExactly("free");
        assertThatThrownBy(() -> gate.call(() -> 4))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("The model m.pt is closed; load it again");
        assertThatThrownBy(gate::checkOpen).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void anEndingJvmFreesNothing() {
        Gate gate = Gate.open("m.pt");
        gate.end();
        assertThat(gate.enterToFree()).isFalse();
        gate.close(() -> order.add("close"));
        assertThat(order).isEmpty();
        assertThatThrownBy(() -> gate.call(() -> 5)).hasMessage("The model m.pt is closed: the JVM is ending");
        Shutdown.forget(gate);
    }

    @Test
    void whatFailsInsideLeaves() {
        Gate gate = Gate.open("m.pt");
        assertThatThrownBy(() -> gate.call(() -> {
                    throw new UnsupportedOperationException("inside");
                }))
                .hasMessage("inside");
        assertThatThrownBy(() -> gate.close(() -> {
                    throw new UnsupportedOperationException("freeing");
                }))
                .hasMessage("freeing");
        gate.close(() -> order.add("again"));
        assertThat(order).isEmpty();
    }

    @Test
    void nobodyIsInsideWhenItIsFreed() throws InterruptedException {
        for (int round = 0; round < 200; round++) {
            Gate gate = Gate.open("m.pt");
            AtomicInteger inside = new AtomicInteger();
            AtomicInteger seen = new AtomicInteger();
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                threads.add(started(() -> callUntilClosed(gate, inside)));
            }
            threads.add(started(() -> gate.close(() -> seen.addAndGet(inside.get()))));
            for (Thread thread : threads) {
                thread.join();
            }
            assertThat(seen).as("round %d", round).hasValue(0);
        }
    }

    private static void callUntilClosed(Gate gate, AtomicInteger inside) {
        try {
            while (true) {
                gate.call(() -> {
                    inside.incrementAndGet();
                    Thread.yield();
                    return inside.decrementAndGet();
                });
            }
        } catch (IllegalStateException closed) {
            assertThat(closed).hasMessageContaining("is closed");
        }
    }

    private static Thread started(Runnable work) {
        Thread thread = new Thread(work);
        thread.start();
        return thread;
    }

    private static void awaitWaiting(Thread thread) {
        while (thread.getState() != Thread.State.WAITING) {
            Thread.onSpinWait();
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
