package io.adacache.bench.batch;

import io.adacache.bench.pipeline.InterruptedGeneration;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * The lines of a stream, each as it arrives. A read of standard input cannot be interrupted, so a thread of its own waits for it: whoever
 * waits here can be told to stop. For one thread.
 */
final class Lines {
    private final BufferedReader in;

    Lines(InputStream in) {
        this.in = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
    }

    /**
     * Waits for the next line; empty at the end.
     *
     * @throws InterruptedGeneration if the thread is interrupted
     */
    Optional<String> next() {
        FutureTask<Optional<String>> read = new FutureTask<>(() -> Optional.ofNullable(in.readLine()));
        Thread thread = new Thread(read, "adacache-lines");
        thread.setDaemon(true);
        thread.start();
        try {
            return read.get();
        } catch (InterruptedException e) {
            throw new InterruptedGeneration("Interrupted while it waited for a job");
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException why
                    ? new UncheckedIOException(why)
                    : new IllegalStateException(e.getCause());
        }
    }
}
