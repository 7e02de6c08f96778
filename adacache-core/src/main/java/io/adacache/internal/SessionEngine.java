package io.adacache.internal;

import io.adacache.event.CacheListener;
import io.adacache.event.SpanRecord;
import io.adacache.event.StepRecord;
import io.adacache.layout.TokenGrid;
import io.adacache.policy.CachePolicy;
import io.adacache.policy.Figures;
import io.adacache.policy.Generation;
import io.adacache.policy.PolicyRun;
import io.adacache.policy.Reason;
import io.adacache.spi.Transformer;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One generation: the order of its calls, its end, its records. What happens inside a call is {@link StepRunner}'s.
 *
 * <p>One call at a time; {@link #cancel}, {@link #close} and reading the records may come from any thread. All tensors are owned by the ledger, which
 * gives every byte back on failure and on close.
 *
 * @param <T> the engine's tensor type
 */
public final class SessionEngine<T> implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger("io.adacache.CacheSession");

    private enum State {
        OPEN,
        FAILED,
        CLOSED
    }

    private final Transformer<T> transformer;
    private final CachePolicy policy;
    private final Generation generation;
    private final PolicyRun run;
    private final List<CacheListener> listeners;
    private final boolean strict;
    private boolean silent;
    private final LongSupplier nanoTime;
    private final Ledger<T> ledger;
    private final StepRunner<T> runner;
    private final Map<String, BranchState<T>> branches = new HashMap<>();
    private final List<StepRecord> records = new CopyOnWriteArrayList<>();
    private final Map<String, String> warnings = Collections.synchronizedMap(new LinkedHashMap<>());
    private final AtomicReference<@Nullable Thread> user = new AtomicReference<>();
    private volatile boolean cancelled;
    private volatile boolean closeRequested;
    private volatile State state = State.OPEN;
    private Step step = new Step(0);

    /** Begins a generation. Throws what {@link CachePolicy#begin} throws. */
    public SessionEngine(
            Transformer<T> transformer,
            CachePolicy policy,
            Generation generation,
            List<CacheListener> listeners,
            boolean strict,
            LongSupplier nanoTime) {
        this.transformer = transformer;
        this.policy = policy;
        this.generation = generation;
        this.listeners = List.copyOf(listeners);
        this.strict = strict;
        this.nanoTime = nanoTime;
        this.run = policy.begin(transformer.layout(), generation);
        this.ledger = new Ledger<>(transformer.ops());
        Prober<T> prober = new Prober<>(transformer.ops(), ledger, run.measures(), this::notANumber);
        this.runner = new StepRunner<>(transformer, policy.name(), run, ledger, prober, this::checkCancelled);
        generation.branches().forEach(branch -> branches.put(branch, new BranchState<>(ledger)));
        transformer.sessionBegun(this);
    }

    /** Runs the next call of a branch: of this step if the branch was not called in it yet, else of the next step. */
    public T next(String branch, List<T> inputs) {
        enter();
        try {
            return guarded(nextNumber(branch), branch, inputs);
        } finally {
            leave();
        }
    }

    /** Runs the call of a branch in a step. */
    public T step(int number, String branch, List<T> inputs) {
        enter();
        try {
            return guarded(number, branch, inputs);
        } finally {
            leave();
        }
    }

    private int nextNumber(String branch) {
        boolean begun = step.step() > 0 && !isDone(step) && !step.called.contains(branch);
        return begun ? step.step() : step.step() + 1;
    }

    private T guarded(int number, String branch, List<T> inputs) {
        checkState();
        BranchState<T> branchState = checkBranch(branch);
        checkNumber(number, branch);
        TokenGrid grid = transformer.check(inputs);
        branchState.checkGrid(grid);
        boolean done = false;
        try {
            if (number > step.step()) {
                if (step.step() > 0 && !isDone(step)) {
                    warn(
                            "missing branch",
                            "Step " + step.step() + " was called for " + step.called + " only, not for all of "
                                    + generation.branches());
                    complete();
                }
                step = new Step(number);
            }
            long begin = nanoTime.getAsLong();
            T prediction = number > generation.steps() ? beyond(inputs) : runner.call(step, branchState, grid, inputs);
            step.called.add(branch);
            step.nanos += nanoTime.getAsLong() - begin;
            endOfCall(prediction);
            T result = transformer.handOver(prediction, inputs);
            done = true;
            return result;
        } finally {
            if (!done) {
                fail();
            }
        }
    }

    /** Ends the step if this was its last call. The prediction belongs to nobody yet: it is freed if that fails. */
    private void endOfCall(T prediction) {
        boolean ended = false;
        try {
            if (isDone(step)) {
                complete();
            }
            ended = true;
        } finally {
            if (!ended) {
                transformer.ops().release(prediction);
            }
        }
    }

    private T beyond(List<T> inputs) {
        String message = "Step " + step.step() + " is beyond the " + generation.steps() + " steps that were announced";
        if (strict) {
            throw new IllegalStateException(message
                    + "; announce the number of calls of the denoiser (a sampler may need more than" + " its steps)");
        }
        warn("beyond plan", message + ": it is computed plainly");
        step.record(BranchState.CALL, new SpanRecord(null, true, Reason.BEYOND_PLAN));
        return transformer.forward(inputs);
    }

    private boolean isDone(Step current) {
        return generation.branches().stream()
                .allMatch(branch -> current.called.contains(branch) || !run.needs(branch, current.step()));
    }

    private void complete() {
        List<Figures> figures = step.step() > generation.steps() ? List.of() : run.completed(step);
        if (step.step() >= generation.steps()) {
            branches.values().forEach(BranchState::clear);
        }
        StepRecord record = new StepRecord(
                step.step(), List.copyOf(step.records.values()), figures, step.nanos, ledger.held(), ledger.takePeak());
        records.add(record);
        if (step.step() == generation.steps()) {
            Diagnosis.of(generation.steps(), records).forEach(warning -> warn(warning, warning));
        }
        tell(listener -> listener.onStep(record));
    }

    private void checkState() {
        if (state == State.CLOSED) {
            throw new IllegalStateException("This session is closed; begin a new one for the next generation");
        }
        if (cancelled) {
            fail();
            throw new CancellationException(
                    "The session was cancelled in step " + step.step() + " and can only be closed");
        }
        if (state == State.FAILED) {
            throw new IllegalStateException(
                    "This session failed in step " + step.step() + " and can only be closed; begin a new one");
        }
    }

    private BranchState<T> checkBranch(String branch) {
        BranchState<T> branchState = branches.get(branch);
        if (branchState == null) {
            throw new IllegalArgumentException("Unknown branch '" + branch
                    + "'; this session was begun with the branches " + generation.branches());
        }
        return branchState;
    }

    private void checkNumber(int number, String branch) {
        boolean again = number == step.step() && step.called.contains(branch);
        if (again || number < step.step() || number > step.step() + 1 || number < 1) {
            throw new IllegalArgumentException("Step " + number + " of branch '" + branch + "' is out of order: "
                    + (step.step() == 0
                            ? "the first step is 1"
                            : "the last call was step " + step.step() + " of " + step.called));
        }
    }

    /** Logs no warning from now on: for a session that is only thought through. */
    public void silence() {
        silent = true;
    }

    private void checkCancelled() {
        if (cancelled) {
            throw new CancellationException("The session was cancelled in step " + step.step());
        }
    }

    private void notANumber(String what) {
        String message = "Not a number: " + what + " in step " + step.step()
                + ". The latents or the model's output may hold NaN or infinity";
        if (strict) {
            throw new IllegalStateException(message);
        }
        warn("not a number", message + "; such steps are computed");
    }

    private void warn(String key, String message) {
        if (warnings.putIfAbsent(key, message) == null && !silent) {
            LOG.warn("{} [{}]", message, policy.name());
        }
    }

    private interface Telling {
        void to(CacheListener listener);
    }

    private void tell(Telling telling) {
        for (CacheListener listener : listeners) {
            try {
                telling.to(listener);
            } catch (RuntimeException e) {
                if (warnings.putIfAbsent("listener", "A listener threw " + e) == null) {
                    LOG.warn("A listener threw; the generation goes on", e);
                }
            }
        }
    }

    private void enter() {
        Thread me = Thread.currentThread();
        if (!user.compareAndSet(null, me)) {
            throw new IllegalStateException("This session is in use by thread '" + name(user.get())
                    + "'; a session takes one call at a" + " time. Begin a session per generation");
        }
    }

    private static String name(@Nullable Thread thread) {
        return thread == null ? "?" : thread.getName();
    }

    private void leave() {
        user.set(null);
        if (closeRequested) {
            close();
        }
    }

    private void fail() {
        if (state == State.OPEN) {
            state = State.FAILED;
        }
        ledger.releaseAll();
    }

    /** Stops the running step at its next span; further steps are refused. */
    public void cancel() {
        cancelled = true;
    }

    /** Frees everything. If a step is running on another thread, it stops at its next span and frees everything there. */
    @Override
    public void close() {
        closeRequested = true;
        if (!user.compareAndSet(null, Thread.currentThread())) {
            cancelled = true;
            return;
        }
        try {
            if (state != State.CLOSED) {
                state = State.CLOSED;
                ledger.releaseAll();
                transformer.sessionClosed(this);
                tell(listener -> listener.onClosed(records()));
            }
        } finally {
            user.set(null);
        }
    }

    /** Whether a branch is to be called in a step. */
    public boolean needs(String branch, int number) {
        checkBranch(branch);
        return run.needs(branch, number);
    }

    /** Returns the records of all completed steps. */
    public List<StepRecord> records() {
        return List.copyOf(records);
    }

    /** Returns the warnings so far. */
    public List<String> warnings() {
        return List.copyOf(warnings.values());
    }

    /** Returns what was announced. */
    public Generation generation() {
        return generation;
    }

    /** Returns the policy. */
    public CachePolicy policy() {
        return policy;
    }

    @Override
    public String toString() {
        return "session (" + policy.name() + ", " + records.size() + " of " + generation.steps() + " steps)";
    }

    /** Whether the session is closed. */
    public boolean isClosed() {
        return state == State.CLOSED;
    }
}
