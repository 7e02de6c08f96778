package io.adacache;

import io.adacache.event.CacheListener;
import io.adacache.event.Trace;
import io.adacache.event.Trace.Ending;
import io.adacache.event.Trace.StepRecord;
import io.adacache.internal.Door;
import io.adacache.internal.SessionEngine;
import io.adacache.internal.SessionOptions;
import io.adacache.internal.SessionOptions.ErrorBound;
import io.adacache.policy.CachePolicy;
import io.adacache.policy.Generation;
import io.adacache.rivals.Schedules;
import io.adacache.spi.TensorOps.Storage;
import io.adacache.spi.Transformer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.UUID;
import java.util.function.ToIntFunction;
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

    private static final int ID_LENGTH = 8;

    private final SessionEngine<T> engine;

    private CacheSession(SessionEngine<T> engine) {
        this.engine = engine;
    }

    /**
     * Returns models that share a generation between them as one, such as a pair of experts for high and for low noise: one session, one
     * schedule, and nothing kept across a boundary. The models must have the same sites; they stay the caller's to close.
     *
     * @param models in the order of their stages
     * @param which the stage of a call; asked several times in a call, so it should be cheap, and the same for the same inputs
     * @throws IllegalArgumentException if the models differ in their sites
     */
    public static <T> Transformer<T> inStages(List<? extends Transformer<T>> models, ToIntFunction<List<T>> which) {
        return new Stages<>(models, which);
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
     * @throws java.util.concurrent.CancellationException if the session was cancelled, its thread was interrupted (the interrupt stays
     *     set) or its time is over
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

    /** Returns the session's id, as events and log lines show it. */
    public String id() {
        return engine.info().id();
    }

    /** Returns what was done so far. */
    public CacheStats stats() {
        return CacheStats.of(engine.info(), engine.ending(), engine.records(), engine.warnings());
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
     * How many sessions, and of how many bytes, are open at a time; what waits in line, and what is refused. One object stands before all
     * sessions of a model, or of several models on one device. Thread-safe.
     */
    public static final class Admission {
        private final Door door;

        /**
         * Creates one.
         *
         * @param sessions most sessions that are open at a time, 1 or more; {@link Integer#MAX_VALUE} for no limit
         * @param bytes most bytes that open sessions hold together, by what they {@linkplain Builder#reserve reserve};
         *     {@link Long#MAX_VALUE} for no limit
         * @param waiting most sessions that wait for their turn, in the order in which they came; 0 refuses instead
         * @param patience how long one waits before it is refused
         */
        public Admission(int sessions, long bytes, int waiting, Duration patience) {
            door = new Door(sessions, bytes, waiting, patience);
        }

        /** Returns how many sessions are open. */
        public int open() {
            return door.open();
        }

        /** Returns how many wait for their turn. */
        public int waiting() {
            return door.waiting();
        }

        /** Returns how many were refused so far. */
        public long refused() {
            return door.refused();
        }

        /** Returns the bytes that the open sessions have reserved. */
        public long bytes() {
            return door.bytes();
        }
    }

    /**
     * Builds a {@link CacheSession}.
     *
     * @param <T> the engine's tensor type
     */
    public static final class Builder<T> {
        private interface Choice {
            CachePolicy forSteps(int steps);
        }

        private final Transformer<T> transformer;
        private Choice policy = steps -> Schedules.none();
        private int steps;
        private String id = UUID.randomUUID().toString().substring(0, ID_LENGTH);
        private List<String> branches = List.of(Generation.SINGLE_BRANCH);
        private List<Double> timesteps = List.of();
        private List<Double> gains = List.of();
        private final List<CacheListener> listeners = new ArrayList<>();
        private Optional<Duration> limit = Optional.empty();
        private Optional<Door> door = Optional.empty();
        private long reserved;
        private OptionalDouble seconds = OptionalDouble.empty();
        private Optional<ErrorBound> guard = Optional.empty();
        private final Map<String, String> facts = new HashMap<>();
        private Storage storage = Storage.FULL;
        private Optional<ByteLimit> bytes = Optional.empty();
        private boolean strict;

        private Builder(Transformer<T> transformer) {
            this.transformer = transformer;
        }

        /** Sets the policy; {@code none} by default: every step is computed. */
        public Builder<T> policy(CachePolicy value) {
            this.policy = steps -> value;
            return this;
        }

        /**
         * Sets the policy as the model takes it: {@code adacache-fast}, {@code every:n=2}, with the settings that the model recommends
         * for the number of steps where the text says nothing. {@link #begin} throws {@link IllegalArgumentException} if there is
         * none.
         */
        public Builder<T> policy(String text) {
            this.policy = steps -> transformer.recommended(text, steps).orElseGet(() -> Policies.parse(text));
            return this;
        }

        /** Sets the number of steps: calls of the denoiser per branch, which some samplers make more of than steps. Needed. */
        public Builder<T> steps(int value) {
            this.steps = value;
            return this;
        }

        /**
         * Sets the id that events and log lines show, such as that of a request; a random one by default.
         *
         * @throws IllegalArgumentException if it is empty or holds control characters, which would steer a terminal or forge lines of
         *     a log
         */
        public Builder<T> id(String value) {
            if (value.isBlank() || value.codePoints().anyMatch(Character::isISOControl)) {
                throw new IllegalArgumentException(
                        "A session's id is a text without control characters, and not empty");
            }
            this.id = value;
            return this;
        }

        /** Names the guidance streams that are called separately, the one called first decides; one unnamed by default. */
        public Builder<T> branches(String... values) {
            this.branches = values.length == 0 ? List.of(Generation.SINGLE_BRANCH) : List.of(values);
            return this;
        }

        /** Announces the noise level of each step, 0..1000, for policies with windows of timesteps. */
        public Builder<T> timesteps(List<Double> values) {
            this.timesteps = List.copyOf(values);
            return this;
        }

        /**
         * Announces how much of the prediction the sampler adds to the latent in each step, for policies that weigh errors by what they
         * do: {@link Generation#gains}.
         */
        public Builder<T> gains(List<Double> values) {
            this.gains = List.copyOf(values);
            return this;
        }

        /**
         * Says what else is known of the generation: its sampler, guidance, dtype. A policy that was fitted for others says so, once
         * ({@link Generation.Scope#facts}). An adapter says what its model tells.
         */
        public Builder<T> facts(Map<String, String> known) {
            this.facts.putAll(known);
            return this;
        }

        /** Adds a listener. */
        public Builder<T> listener(CacheListener value) {
            this.listeners.add(value);
            return this;
        }

        /**
         * Limits the time from the beginning of the session: later steps stop at the next span, as if cancelled.
         *
         * @throws IllegalArgumentException if it is negative
         */
        public Builder<T> limit(Duration value) {
            if (value.isNegative()) {
                throw new IllegalArgumentException("A limit of time is 0 or more, but got " + value);
            }
            this.limit = Optional.of(value);
            return this;
        }

        /** Sets who lets this session in: {@link #begin} then waits for its turn, or is refused. Nobody by default. */
        public Builder<T> admission(Admission value) {
            this.door = Optional.of(value.door);
            return this;
        }

        /** Says what the session will hold, for an {@link Admission} that counts bytes: those at its peak. */
        public Builder<T> reserve(Footprint value) {
            this.reserved = value.bytesPeak();
            return this;
        }

        /**
         * Sets how kept sums are stored; as they are by default. In less than that a reused step is no longer exactly what was kept, and
         * takes a little longer. Predictions that whole-call policies keep, and what distances are measured from, stay as they are.
         * {@link #begin} throws {@link IllegalArgumentException} if the engine does not store tensors so.
         */
        public Builder<T> keepAs(Storage value) {
            this.storage = value;
            return this;
        }

        /**
         * Limits the bytes of tensors that the session knows at any moment ({@link Footprint#bytesPeak}). A policy that would take more is
         * taken in a form that takes less and decides the same steps, if it has one (AdaCache: all residuals as one sum); else
         * {@link #begin} throws {@link IllegalArgumentException}, before anything is computed.
         *
         * @param most bytes, 0 or more
         * @param sizes of the generation's tensors, as its calls will have them
         */
        public Builder<T> bytes(long most, Footprint.Sizes sizes) {
            if (most < 0) {
                throw new IllegalArgumentException("A limit of bytes is 0 or more, but got " + most);
            }
            this.bytes = Optional.of(new ByteLimit(most, sizes));
            return this;
        }

        /**
         * Sets how long the steps are to take, from the beginning of the first call to the end of the last, with all that is done between
         * them. A policy that spends a budget fits what it computes to it; of another one steps are reused when the time runs out.
         * If the time cannot be kept, the session says so at the beginning of the step at which that is certain, and finishes as
         * well as it can; a {@linkplain #strict strict} one fails.
         */
        public Builder<T> seconds(double value) {
            if (!(value > 0) || Double.isInfinite(value)) {
                throw new IllegalArgumentException("A generation takes a number of seconds above 0, but got " + value);
            }
            this.seconds = OptionalDouble.of(value);
            return this;
        }

        /**
         * Estimates the error of reused steps as the generation goes ({@link CacheStats#estimatedError}) and warns where it passes a bound.
         *
         * @param bound relative to the whole way from noise to video; infinity only estimates
         */
        public Builder<T> guard(double bound) {
            return guard(new ErrorBound(bound, false));
        }

        /** Estimates as {@link #guard} does, and computes steps whose reuse would pass the bound. */
        public Builder<T> guardComputing(double bound) {
            return guard(new ErrorBound(bound, true));
        }

        private Builder<T> guard(ErrorBound bound) {
            if (!(bound.most() > 0)) {
                throw new IllegalArgumentException(
                        "A bound on the estimated error is above 0, but got " + bound.most());
            }
            this.guard = Optional.of(bound);
            return this;
        }

        /** Makes what a session would only warn of an error: steps beyond the announced number, figures that are not numbers. */
        public Builder<T> strict() {
            this.strict = true;
            return this;
        }

        /**
         * Begins the generation.
         *
         * @throws IllegalArgumentException if no steps were announced, or the policy does not work with this model
         * @throws IllegalStateException if the model is closed
         * @throws java.util.concurrent.RejectedExecutionException if the session is not admitted; the message says what is open
         * @throws java.util.concurrent.CancellationException if the thread is interrupted while it waits to be admitted
         */
        public CacheSession<T> begin() {
            Generation generation = new Generation(steps, branches, timesteps, gains);
            CachePolicy asked = policy.forSteps(steps);
            CachePolicy chosen = bytes.map(limit -> limit.fitting(asked, transformer.layout(), generation, storage))
                    .orElse(asked);
            Runnable leave = door.map(each -> each.enter(id, reserved)).orElse(() -> {});
            boolean begun = false;
            try {
                CacheSession<T> session = begin(chosen, generation, leave);
                begun = true;
                return session;
            } finally {
                if (!begun) {
                    leave.run();
                }
            }
        }

        private CacheSession<T> begin(CachePolicy chosen, Generation generation, Runnable closed) {
            List<CacheListener> all = new ArrayList<>(listeners);
            all.add(new Summary());
            return new CacheSession<>(new SessionEngine<>(
                    transformer,
                    chosen,
                    generation,
                    new SessionOptions(
                            id, all, strict, false, limit, System::nanoTime, closed, seconds, guard, facts, storage)));
        }
    }

    /** The one line at INFO that a generation logs, whoever closes the session. */
    private static final class Summary implements CacheListener {
        @Override
        public void onEnd(SessionInfo session, Ending ending, String reason, List<StepRecord> records) {
            CacheStats stats = CacheStats.of(session, ending, records, List.of());
            if (reason.isEmpty()) {
                LOG.info("{}", stats);
            } else {
                LOG.info("{}: {}", stats, reason);
            }
        }
    }
}
