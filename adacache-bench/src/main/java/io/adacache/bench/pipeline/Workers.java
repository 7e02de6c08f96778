package io.adacache.bench.pipeline;

import io.adacache.bench.engine.EngineSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionService;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;

/**
 * Threads that share a list of tasks, on one model: what a task makes does not depend on how many there are. The first task that fails, or
 * an interrupt of the caller, ends all of them. Immutable.
 *
 * @param count how many
 */
public record Workers(int count) {
    /** One after another. */
    public static final Workers ONE = new Workers(1);

    /** More than this gain little on machines whose processors share memory and caches. */
    private static final int MOST = 2;

    /** Checks the number. */
    public Workers {
        if (count < 1) {
            throw new IllegalArgumentException("--workers is 1 or more, but got " + count);
        }
    }

    /** Returns as many as this machine has processors for, each with the engine's threads; two at most. */
    public static Workers usual() {
        int processors = Runtime.getRuntime().availableProcessors();
        return new Workers(Math.max(1, Math.min(MOST, processors / EngineSettings.threadsAsNumber())));
    }

    /**
     * Runs tasks and returns what they made, in their order.
     *
     * @param tasks how many
     * @param task makes the one of an index, on any thread
     * @throws InterruptedGeneration if the caller is interrupted; no task runs any more then
     */
    public <T> List<T> map(int tasks, IntFunction<T> task) {
        ExecutorService pool = Executors.newFixedThreadPool(
                count, run -> new Thread(run, Thread.currentThread().getName() + "-worker"));
        try {
            CompletionService<T> ends = new ExecutorCompletionService<>(pool);
            List<Future<T>> all = new ArrayList<>();
            for (int i = 0; i < tasks; i++) {
                int index = i;
                all.add(ends.submit(() -> task.apply(index)));
            }
            for (int i = 0; i < tasks; i++) {
                ends.take().get();
            }
            List<T> made = new ArrayList<>();
            for (Future<T> each : all) {
                made.add(each.get());
            }
            return made;
        } catch (InterruptedException e) {
            throw new InterruptedGeneration("Interrupted");
        } catch (ExecutionException e) {
            throw unchecked(e);
        } finally {
            end(pool);
        }
    }

    private static RuntimeException unchecked(ExecutionException e) {
        Throwable thrown = e.getCause();
        if (thrown instanceof Error error) {
            throw error;
        }
        return thrown instanceof RuntimeException known ? known : new IllegalStateException(e);
    }

    /** Interrupts what runs and waits for its end: nobody may use the model when this returns. */
    private static void end(ExecutorService pool) {
        pool.shutdownNow();
        boolean interrupted = false;
        boolean ended = false;
        while (!ended) {
            try {
                ended = pool.awaitTermination(1, TimeUnit.HOURS);
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
