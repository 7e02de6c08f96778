package io.adacache.bench;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Ends the process in order when it is told to stop (SIGINT, SIGTERM): the command's thread is interrupted, closes its session and
 * its model, and only then does the JVM go. Without this the native engine may be torn down under a call that still runs.
 */
final class OrderlyEnd {
    private static final long PATIENCE_SECONDS = 60;

    private final CountDownLatch done = new CountDownLatch(1);

    private OrderlyEnd() {}

    /** Begins to listen for the thread that runs the command. */
    static OrderlyEnd of(Thread worker) {
        OrderlyEnd end = new OrderlyEnd();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> end.stop(worker), "adacache-orderly-end"));
        return end;
    }

    private void stop(Thread worker) {
        if (done.getCount() == 0) {
            return;
        }
        worker.interrupt();
        try {
            done.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Ends the process. While it is being stopped the code is the signal's, and this does not return. */
    void exit(int code) {
        done.countDown();
        System.exit(code);
    }
}
