package io.adacache.internal;

import io.adacache.event.CacheListener;
import io.adacache.event.SpanRecord;
import io.adacache.event.StepRecord;
import io.adacache.layout.Span;
import io.adacache.layout.TokenGrid;
import io.adacache.policy.CachePolicy;
import io.adacache.policy.Decision;
import io.adacache.policy.Figures;
import io.adacache.policy.Generation;
import io.adacache.policy.PolicyRun;
import io.adacache.policy.Reason;
import io.adacache.policy.StepPlan;
import io.adacache.spi.Embedded;
import io.adacache.spi.Transformer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the steps of one generation: asks the policy, computes or reuses, keeps what will be reused. The way of the data is in
 * {@link #call}.
 *
 * <p>One call at a time; {@link #cancel} and {@link #close} may come from any thread. All tensors are owned by the ledger, which
 * gives every byte back on failure and on close.
 *
 * @param <T> the engine's tensor type
 */
public final class SessionEngine<T> {
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
    private final LongSupplier nanoTime;
    private final Ledger<T> ledger;
    private final Prober<T> prober;
    private final Map<String, BranchState<T>> branches = new HashMap<>();
    private final List<StepRecord> records = new ArrayList<>();
    private final Map<String, String> warnings = new LinkedHashMap<>();
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
        this.prober = new Prober<>(transformer.ops(), ledger, run.measures(), this::notANumber);
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
            T prediction = number > generation.steps() ? beyond(inputs) : call(branchState, grid, inputs);
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

    /** The way of the data: plan; embed; per span decide, compute or reuse; head. */
    private T call(BranchState<T> branch, TokenGrid grid, List<T> inputs) {
        prober.latent(step, branch, transformer.latent(inputs));
        StepPlan plan = step.plan;
        if (plan == null) {
            plan = run.plan(step);
            step.plan = plan;
            if (plan instanceof StepPlan.Spans spans) {
                transformer.layout().checkPartition(spans.spans());
            }
        }
        T prediction = plan instanceof StepPlan.Spans spans
                ? throughSpans(spans.spans(), branch, grid, inputs)
                : wholeCall((StepPlan.WholeCall) plan, branch, inputs);
        return prediction;
    }

    private T throughSpans(List<Span> spans, BranchState<T> branch, TokenGrid grid, List<T> inputs) {
        branch.retainOnly(Set.copyOf(spans));
        checkCancelled();
        try (Embedded<T> context = transformer.embed(inputs)) {
            Shared<T> hidden = ledger.adopt(context.hidden());
            boolean all = true;
            for (Span span : spans) {
                checkCancelled();
                if (prober.wantsModulated(span.first())) {
                    Shared<T> modulated = ledger.adopt(transformer.modulated(span.first(), hidden.tensor, context));
                    prober.modulated(step, branch, span.first(), modulated);
                    ledger.release(modulated);
                }
                Decision decision = step.decisions.computeIfAbsent(span, key -> run.decide(key, step));
                if (decision instanceof Decision.Reuse reuse && !branch.hasKept(span)) {
                    decision = Decision.compute(Reason.NOTHING_KEPT);
                }
                boolean computed = decision instanceof Decision.Compute;
                Shared<T> next = decision instanceof Decision.Compute compute
                        ? compute(span, compute.keep(), branch, grid, hidden, context)
                        : reuse(span, (Decision.Reuse) decision, branch, hidden);
                ledger.release(hidden);
                hidden = next;
                all &= computed;
                step.record(span, new SpanRecord(span, computed, decision.reason()));
            }
            checkCancelled();
            Shared<T> prediction = ledger.adopt(transformer.head(hidden.tensor, context));
            ledger.release(hidden);
            if (all) {
                prober.prediction(step, branch, prediction);
            }
            prober.endCall(branch, all);
            return ledger.giveAway(prediction);
        }
    }

    private Shared<T> compute(
            Span span, boolean keep, BranchState<T> branch, TokenGrid grid, Shared<T> hidden, Embedded<T> context) {
        branch.trim(span, keep ? run.history() - 1 : 0);
        boolean single = span.size() == 1;
        int[] capture = prober.captures(span, keep && single);
        List<Shared<T>> ran = ledger.adoptAll(transformer.run(span, capture, hidden.tensor, context));
        Shared<T> after = ran.get(0);
        List<Shared<T>> captured = ran.subList(1, ran.size());
        prober.residuals(step, branch, span, grid, capture, captured);
        boolean sumProbed = prober.wantsSum(span);
        if (keep || sumProbed) {
            Shared<T> sum = single && capture.length > 0
                    ? ledger.retain(captured.get(0))
                    : ledger.adopt(transformer.ops().subtract(after.tensor, hidden.tensor));
            if (sumProbed) {
                prober.sum(step, branch, span, grid, sum);
            }
            if (keep) {
                branch.keep(span, sum);
            } else {
                ledger.release(sum);
            }
        }
        captured.forEach(ledger::release);
        return after;
    }

    private Shared<T> reuse(Span span, Decision.Reuse reuse, BranchState<T> branch, Shared<T> hidden) {
        double[] weights = reuse.weights();
        return ledger.adopt(transformer.ops().addWeighted(hidden.tensor, weights, keptFor(span, weights, branch)));
    }

    private List<T> keptFor(Span span, double[] weights, BranchState<T> branch) {
        List<T> kept = branch.kept(span, weights.length);
        if (kept.size() < weights.length) {
            throw new IllegalStateException(
                    "Policy '" + policy.name() + "' asked for " + weights.length + " kept sums of span " + span
                            + " in step " + step.step() + ", but only " + kept.size() + " are kept");
        }
        return kept;
    }

    private T wholeCall(StepPlan.WholeCall plan, BranchState<T> branch, List<T> inputs) {
        Span call = BranchState.CALL;
        branch.retainOnly(Set.of(call));
        checkCancelled();
        Decision decision = plan.decision();
        if (decision instanceof Decision.Reuse && !branch.hasKept(call)) {
            decision = Decision.compute(Reason.NOTHING_KEPT);
        }
        boolean computed = decision instanceof Decision.Compute;
        step.record(call, new SpanRecord(null, computed, decision.reason()));
        T prediction = decision instanceof Decision.Compute compute
                ? computeCall(compute.keep(), plan.kept(), branch, inputs)
                : reuseCall((Decision.Reuse) decision, plan.kept(), branch, inputs);
        prober.endCall(branch, computed);
        return prediction;
    }

    private T computeCall(boolean keep, StepPlan.Kept kind, BranchState<T> branch, List<T> inputs) {
        branch.trim(BranchState.CALL, keep ? run.history() - 1 : 0);
        Shared<T> prediction = ledger.adopt(transformer.forward(inputs));
        prober.prediction(step, branch, prediction);
        if (keep) {
            branch.keep(
                    BranchState.CALL,
                    ledger.adopt(
                            kind == StepPlan.Kept.PREDICTION
                                    ? transformer.ops().copy(prediction.tensor)
                                    : transformer.ops().addLeading(prediction.tensor, -1, transformer.latent(inputs))));
        }
        return ledger.giveAway(prediction);
    }

    private T reuseCall(Decision.Reuse reuse, StepPlan.Kept kind, BranchState<T> branch, List<T> inputs) {
        double[] weights = reuse.weights();
        List<T> kept = keptFor(BranchState.CALL, weights, branch);
        Shared<T> mixed = ledger.adopt(transformer.ops().mix(weights, kept));
        if (kind == StepPlan.Kept.CHANGE) {
            Shared<T> moved = ledger.adopt(transformer.ops().addLeading(mixed.tensor, 1, transformer.latent(inputs)));
            ledger.release(mixed);
            mixed = moved;
        }
        return ledger.giveAway(mixed);
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
        if (warnings.putIfAbsent(key, message) == null) {
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
