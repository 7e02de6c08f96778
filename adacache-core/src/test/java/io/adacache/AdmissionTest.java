package io.adacache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.adacache.CacheSession.Admission;
import io.adacache.layout.Layout;
import io.adacache.testkit.FloatTensor;
import io.adacache.testkit.Layouts;
import io.adacache.testkit.LinearTransformer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** So many sessions at a time, in the order in which they came, and a clear no to the rest. */
@Timeout(60)
class AdmissionTest {
    private static final Duration LONG = Duration.ofMinutes(5);
    private static final long NO_LIMIT = Long.MAX_VALUE;

    private final LinearTransformer model = LinearTransformer.of(Layouts.openSora(2));

    private CacheSession.Builder<FloatTensor> session(Admission admission, String id) {
        return CacheSession.builder(model).steps(2).id(id).admission(admission);
    }

    private CacheSession.Builder<FloatTensor> session(Admission admission, String id, long bytes) {
        return session(admission, id).reserve(new Footprint(bytes, bytes));
    }

    private static void awaitWaiting(Admission admission, int number) {
        while (admission.waiting() != number) {
            Thread.onSpinWait();
        }
    }

    @Test
    void aSessionTooManyIsRefusedAndNothingIsLeft() {
        Admission admission = new Admission(2, NO_LIMIT, 0, LONG);
        CacheSession<FloatTensor> one = session(admission, "one").begin();
        CacheSession<FloatTensor> two = session(admission, "two").begin();
        assertThatThrownBy(() -> session(admission, "three").begin())
                .isInstanceOf(RejectedExecutionException.class)
                .hasMessage("Session three is refused: 2 sessions are open and 0 wait. Try again later");
        assertThat(admission.refused()).isEqualTo(1);
        one.close();
        one.close();
        assertThat(admission.open()).as("closed twice, left once").isEqualTo(1);
        session(admission, "four").begin().close();
        two.close();
        assertThat(admission.open()).isZero();
    }

    @Test
    void whoeverWaitsComesInInOrder() throws Exception {
        Admission admission = new Admission(1, NO_LIMIT, 8, LONG);
        CacheSession<FloatTensor> first = session(admission, "first").begin();
        List<Integer> order = new CopyOnWriteArrayList<>();
        Thread[] waiting = new Thread[5];
        for (int i = 0; i < waiting.length; i++) {
            int number = i;
            waiting[i] = new Thread(() -> {
                try (CacheSession<FloatTensor> admitted =
                        session(admission, "waiting " + number).begin()) {
                    assertThat(admitted.isClosed()).isFalse();
                    assertThat(admission.open()).isEqualTo(1);
                    order.add(number);
                }
            });
            waiting[i].start();
            awaitWaiting(admission, i + 1);
        }
        first.close();
        for (Thread thread : waiting) {
            thread.join();
        }
        assertThat(order).containsExactly(0, 1, 2, 3, 4);
        assertThat(admission.open()).isZero();
    }

    @Test
    void aFullLineRefusesAndSoDoesPatienceThatEnds() {
        Admission admission = new Admission(1, NO_LIMIT, 1, Duration.ofMillis(1));
        try (CacheSession<FloatTensor> only = session(admission, "only").begin()) {
            assertThat(only.isClosed()).isFalse();
            assertThatThrownBy(() -> session(admission, "late").begin())
                    .isInstanceOf(RejectedExecutionException.class)
                    .hasMessageContaining("its turn did not come within PT0.001S");
        }
        assertThat(admission.waiting()).isZero();
    }

    @Test
    void bytesAreCountedAndALargeOneIsNotOvertaken() throws Exception {
        Admission admission = new Admission(Integer.MAX_VALUE, 100, 8, LONG);
        CacheSession<FloatTensor> small = session(admission, "small", 40).begin();
        AtomicReference<String> admitted = new AtomicReference<>("");
        Thread large = new Thread(() -> {
            try (CacheSession<FloatTensor> session =
                    session(admission, "large", 100).begin()) {
                admitted.updateAndGet(before -> before + session.id() + " ");
            }
        });
        large.start();
        awaitWaiting(admission, 1);
        Thread tiny = new Thread(() -> {
            try (CacheSession<FloatTensor> session =
                    session(admission, "tiny", 1).begin()) {
                admitted.updateAndGet(before -> before + session.id() + " ");
            }
        });
        tiny.start();
        awaitWaiting(admission, 2);
        assertThat(admission.bytes()).isEqualTo(40);
        small.close();
        large.join();
        tiny.join();
        assertThat(admitted.get()).isEqualTo("large tiny ");
        assertThat(admission.bytes()).isZero();
    }

    @Test
    void whatCanNeverBeAdmittedIsSaidAtOnce() {
        Admission admission = new Admission(1, 100, 8, LONG);
        assertThatThrownBy(() -> session(admission, "huge", 101).begin())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("will hold 101 bytes, and the model admits 100");
        assertThatThrownBy(() -> session(admission, "silent").begin())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("reserve(footprint)");
    }

    @Test
    void anInterruptEndsTheWaitAndStaysSet() throws Exception {
        Admission admission = new Admission(1, NO_LIMIT, 8, LONG);
        AtomicReference<String> seen = new AtomicReference<>();
        try (CacheSession<FloatTensor> only = session(admission, "only").begin()) {
            assertThat(only.isClosed()).isFalse();
            Thread waiting = new Thread(() -> {
                try {
                    session(admission, "waiting").begin().close();
                } catch (CancellationException e) {
                    seen.set(Thread.currentThread().isInterrupted() + " " + e.getMessage());
                }
            });
            waiting.start();
            awaitWaiting(admission, 1);
            waiting.interrupt();
            waiting.join();
        }
        assertThat(seen.get()).isEqualTo("true The thread was interrupted while session waiting waited to be admitted");
        assertThat(admission.open()).isZero();
    }

    @Test
    void aSessionThatDoesNotBeginLeavesItsPlace() {
        Admission admission = new Admission(1, NO_LIMIT, 0, LONG);
        LinearTransformer opaque = LinearTransformer.of(Layout.opaque());
        for (int i = 0; i < 3; i++) {
            assertThatThrownBy(() -> CacheSession.builder(opaque)
                            .policy("adacache-fast")
                            .steps(30)
                            .admission(admission)
                            .begin())
                    .isInstanceOf(IllegalArgumentException.class);
        }
        assertThat(admission.open()).isZero();
    }

    @Test
    void nonsenseIsRefused() {
        assertThatThrownBy(() -> new Admission(0, NO_LIMIT, 0, LONG)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Admission(1, NO_LIMIT, 0, Duration.ofSeconds(-1)))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
