package io.adacache.djl.shards;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/** The members' threads: one each, since libtorch keeps settings per thread. Work is given to all at once, and waited for. */
final class Team implements AutoCloseable {
    private final List<ExecutorService> threads = new ArrayList<>();

    Team(String name, int members) {
        for (int i = 0; i < members; i++) {
            String thread = "adacache " + name + " " + (i + 1) + " of " + members;
            threads.add(Executors.newSingleThreadExecutor(work -> {
                Thread made = new Thread(work, thread);
                made.setDaemon(true);
                return made;
            }));
        }
    }

    /**
     * Lets every member do something, and waits for all: what one has begun is never left behind.
     *
     * @param work given the member's index
     * @param undo takes back a result, should another member fail
     * @return the results in the members' order
     */
    <R> List<R> each(IntFunction<R> work, Consumer<R> undo) {
        return first(threads.size(), work, undo);
    }

    /** Lets the first members do something, as {@link #each} lets all. */
    <R> List<R> first(int members, IntFunction<R> work, Consumer<R> undo) {
        List<Future<R>> running = new ArrayList<>();
        for (int i = 0; i < members; i++) {
            int member = i;
            running.add(threads.get(i).submit(() -> work.apply(member)));
        }
        List<R> results = new ArrayList<>();
        Throwable failure = null;
        boolean interrupted = false;
        for (Future<R> future : running) {
            boolean waiting = true;
            while (waiting) {
                try {
                    results.add(future.get());
                    waiting = false;
                } catch (ExecutionException e) {
                    failure = joined(failure, Objects.requireNonNullElse(e.getCause(), e));
                    waiting = false;
                } catch (InterruptedException e) {
                    // The session looks at the interrupt at its next span.
                    interrupted = true;
                }
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        if (failure != null) {
            results.forEach(undo);
            throw rethrown(failure);
        }
        return results;
    }

    private static Throwable joined(@Nullable Throwable first, Throwable next) {
        if (first == null) {
            return next;
        }
        if (first != next) {
            first.addSuppressed(next);
        }
        return first;
    }

    private static RuntimeException rethrown(Throwable failure) {
        if (failure instanceof Error error) {
            throw error;
        }
        return failure instanceof RuntimeException known ? known : new IllegalStateException(failure);
    }

    /** Ends the threads; work that is running is finished. */
    @Override
    public void close() {
        threads.forEach(ExecutorService::shutdown);
    }
}
