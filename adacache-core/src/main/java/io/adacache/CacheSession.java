package io.adacache;

import io.adacache.event.CacheListener;
import io.adacache.event.StepRecord;
import io.adacache.internal.SessionEngine;
import io.adacache.policy.CachePolicy;
import io.adacache.policy.Generation;
import io.adacache.policy.Schedules;
import io.adacache.spi.Transformer;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One generation: its caches, its counters, its trace. A service calls {@link #step} where it called the denoiser.
 *
 * <p>One call at a time; a session may be handed from thread to thread, a concurrent entry is refused. {@link #cancel},
 * {@link #close}, {@link #stats} and {@link #trace} may come from any thread. Close it when the generation is done: that gives every byte back.
 *
 * @param <T> the engine's tensor type
 */
public final class CacheSession<T> implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(CacheSession.class);

    private final SessionEngine<T> engine;

    private CacheSession(SessionEngine<T> engine) {
        this.engine = engine;
    }

    /** Returns a builder of a session on a model. */
    public static <T> Builder<T> builder(Transformer<T> transformer) {
        return new Builder<>(transformer);
    }

    /**
     * Runs the next call of the denoiser, where the session has one branch.
     *
     * @param inputs what the plain model takes; borrowed
     * @return the prediction; the caller's to free
     * @throws IllegalArgumentException if an input does not fit the model or has changed size; the session can go on
     * @throws IllegalStateException if the session is closed, has failed, or is in use by another thread
     * @throws java.util.concurrent.CancellationException if the session was cancelled
     */
    public T step(List<T> inputs) {
        if (engine.generation().branches().size() > 1) {
            throw new IllegalArgumentException("This session has the branches "
                    + engine.generation().branches() + "; say which one is called: step(branch, inputs)");
        }
        return engine.next(engine.generation().branches().get(0), inputs);
    }

    /** Runs the next call of a branch; the step ends when all branches were called. Throws as {@link #step(List)}. */
    public T step(String branch, List<T> inputs) {
        return engine.next(branch, inputs);
    }

    /**
     * Runs the call of a branch in a step. Throws as {@link #step(List)}.
     *
     * @param number of the step, from 1; the current one or the next
     */
    public T step(int number, String branch, List<T> inputs) {
        return engine.step(number, branch, inputs);
    }

    /** Whether a branch is to be called in a step; policies that drop a guidance branch answer false. */
    public boolean needs(String branch, int step) {
        return engine.needs(branch, step);
    }

    /** Whether the session was closed. */
    public boolean isClosed() {
        return engine.isClosed();
    }

    /** Stops a running step at its next span and refuses further ones. */
    public void cancel() {
        engine.cancel();
    }

    /** Returns what was done so far. */
    public CacheStats stats() {
        return CacheStats.of(engine.policy().name(), engine.generation().steps(), engine.records(), engine.warnings());
    }

    /** Returns the record of all completed steps. */
    public Trace trace() {
        return new Trace(engine.policy().name(), engine.generation().steps(), engine.records());
    }

    /** Frees everything. If a step is running on another thread, it stops at its next span and frees everything there. */
    @Override
    public void close() {
        engine.close();
    }

    /**
     * Builds a {@link CacheSession}.
     *
     * @param <T> the engine's tensor type
     */
    public static final class Builder<T> {
        private final Transformer<T> transformer;
        private CachePolicy policy = Schedules.none();
        private int steps;
        private List<String> branches = List.of(Generation.SINGLE_BRANCH);
        private List<Double> timesteps = List.of();
        private final List<CacheListener> listeners = new ArrayList<>();
        private boolean strict;

        private Builder(Transformer<T> transformer) {
            this.transformer = transformer;
        }

        /** Sets the policy; {@link Schedules#none()} by default. */
        public Builder<T> policy(CachePolicy value) {
            this.policy = value;
            return this;
        }

        /** Sets the number of steps: calls of the denoiser per branch, which some samplers make more of than steps. Needed. */
        public Builder<T> steps(int value) {
            this.steps = value;
            return this;
        }

        /** Names the guidance streams that are called separately, the one called first decides; one unnamed by default. */
        public Builder<T> branches(String... values) {
            this.branches = List.of(values);
            return this;
        }

        /** Announces the noise level of each step, 0..1000, for policies with windows of timesteps. */
        public Builder<T> timesteps(List<Double> values) {
            this.timesteps = List.copyOf(values);
            return this;
        }

        /** Adds a listener. */
        public Builder<T> listener(CacheListener value) {
            this.listeners.add(value);
            return this;
        }

        /** Makes steps beyond the announced number, and measures that are not numbers, an error instead of a warning. */
        public Builder<T> strict() {
            this.strict = true;
            return this;
        }

        /**
         * Begins the generation.
         *
         * @throws IllegalArgumentException if no steps were announced, or the policy does not work with this model
         */
        public CacheSession<T> begin() {
            Generation generation = new Generation(steps, branches, timesteps);
            List<CacheListener> all = new ArrayList<>(listeners);
            all.add(new Summary(policy, generation));
            return new CacheSession<>(
                    new SessionEngine<>(transformer, policy, generation, all, strict, System::nanoTime));
        }
    }

    /** The one line at INFO that a generation logs, whoever closes the session. */
    private record Summary(CachePolicy policy, Generation generation) implements CacheListener {
        @Override
        public void onClosed(List<StepRecord> records) {
            LOG.info("{}", CacheStats.of(policy.name(), generation.steps(), records, List.of()));
        }
    }
}
