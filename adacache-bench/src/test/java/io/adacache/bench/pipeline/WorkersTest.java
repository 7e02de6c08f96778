package io.adacache.bench.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class WorkersTest {
    private final AtomicInteger inside = new AtomicInteger();
    private final CountDownLatch never = new CountDownLatch(1);

    /** Waits for what does not come, until it is interrupted. */
    private int wait(CountDownLatch begun) {
        inside.incrementAndGet();
        begun.countDown();
        try {
            never.await();
            return 0;
        } catch (InterruptedException e) {
            throw new InterruptedGeneration("a worker was told to stop");
        } finally {
            inside.decrementAndGet();
        }
    }

    @Test
    void whatTasksMakeComesInTheirOrder() {
        for (int count = 1; count <= 4; count++) {
            assertThat(new Workers(count).map(9, i -> i * i))
                    .containsExactlyElementsOf(
                            IntStream.range(0, 9).mapToObj(i -> i * i).toList());
        }
        assertThat(Workers.ONE.map(0, i -> i)).isEmpty();
        assertThat(Workers.usual().count()).isBetween(1, 2);
        assertThatThrownBy(() -> new Workers(0)).hasMessageContaining("--workers is 1 or more");
    }

    @Test
    void theFirstErrorEndsTheOthersAndIsTheOneThatIsTold() {
        CountDownLatch begun = new CountDownLatch(1);
        assertThatThrownBy(() -> new Workers(2).map(5, i -> {
                    if (i == 1) {
                        await(begun);
                        throw new IllegalStateException("the disk is full");
                    }
                    return wait(begun);
                }))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("the disk is full");
        assertThat(inside).hasValue(0);
        assertThatThrownBy(() -> Workers.ONE.map(2, i -> {
                    throw new OutOfMemoryError("made up");
                }))
                .isInstanceOf(OutOfMemoryError.class);
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new InterruptedGeneration("too early");
        }
    }

    @Test
    void anInterruptOfTheCallerEndsAll() {
        Thread caller = Thread.currentThread();
        CountDownLatch begun = new CountDownLatch(2);
        assertThatThrownBy(() -> new Workers(3).map(7, i -> {
                    if (i == 2) {
                        await(begun);
                        caller.interrupt();
                    }
                    return wait(begun);
                }))
                .isInstanceOf(InterruptedGeneration.class);
        assertThat(inside).hasValue(0);
        assertThat(Thread.interrupted()).isFalse();
    }
}
