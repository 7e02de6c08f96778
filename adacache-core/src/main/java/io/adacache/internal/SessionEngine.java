package io.adacache.internal;

import io.adacache.event.CacheListener.SessionInfo;
import io.adacache.event.Trace.Ending;
import io.adacache.event.Trace.PartRecord;
import io.adacache.event.Trace.StepRecord;
import io.adacache.layout.Part;
import io.adacache.layout.TokenGrid;
import io.adacache.metric.Metric;
import io.adacache.policy.CachePolicy;
import io.adacache.policy.Decision.Reason;
import io.adacache.policy.Figures;
import io.adacache.policy.Generation;
import io.adacache.policy.PolicyRun;
import io.adacache.spi.Transformer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * One generation: the order of its calls, its end, its records. What happens inside a call is {@link StepRunner}'s.
 *
 * <p>One call at a time; {@link #cancel}, {@link #close} and reading the records may come from any thread. All tensors are owned by the ledger, which
 * gives every byte back on failure and on close. Why state ends with its generation: docs/decisions/0004.
 *
 * @param <T> the engine's tensor type
 */
public final class SessionEngine<T> implements Transformer.OpenSession {
    /** The kind of warning that a fit is used elsewhere. */
    private static final String SCOPE = "scope";

    private enum State {
        OPEN,
        FAILED,
        CLOSED
    }

    private final Transformer<T> transformer;
    private final CachePolicy policy;
    private final Generation generation;
    private final SessionOptions options;
    private final PolicyRun run;
    private final Ledger<T> ledger;
    private final StepRunner<T> runner;
    private final Reporter reporter;
    private final Stops stops;
    private final ScopeCheck scope;
    private final @Nullable TimeBudget time;
    private final Map<String, BranchState<T>> branches = new HashMap<>();
    private final AtomicReference<@Nullable Thread> user = new AtomicReference<>();
    private volatile boolean closeRequested;
    private volatile State state = State.OPEN;
    private Step step;
    private OptionalLong fingerprint = OptionalLong.empty();
    private String calledBranch = "";

    /** Begins a generation. Throws what {@link CachePolicy#check} and {@link CachePolicy#begin} throw. */
    public SessionEngine(
            Transformer<T> transformer, CachePolicy policy, Generation generation, SessionOptions options) {
        this.transformer = transformer;
        this.policy = policy;
        this.generation = generation;
        this.options = options;
        policy.check(transformer.layout(), generation, transformer.remedyForSites());
        PolicyRun plain = begin(policy, transformer, generation);
        this.run = options.guard().isPresent()
                ? new ErrorGuard(plain, options.guard().get(), generation.steps())
                : plain;
        this.time = options.seconds().isPresent()
                ? new TimeBudget(options.seconds().getAsDouble(), generation.steps())
                : null;
        this.reporter =
                new Reporter(new SessionInfo(options.id(), transformer.name(), policy.name(), generation), options);
        this.stops = new Stops(options.nanoTime(), options.limit());
        this.ledger = new Ledger<>(transformer.ops(), options.storage());
        Prober<T> prober = new Prober<>(transformer.ops(), ledger, run.measures(), this::notANumber);
        this.runner = new StepRunner<>(transformer, policy.name(), run, ledger, prober, this::checkStop);
        this.step = runner.begin(0);
        generation.branches().forEach(branch -> branches.put(branch, new BranchState<>(ledger)));
        run.warnings().forEach(warning -> reporter.warn(warning, warning));
        this.scope = new ScopeCheck(policy, generation, options.facts());
        scope.atBegin().ifPresent(warning -> reporter.warn(SCOPE, warning));
        transformer.sessionBegun(this);
        reporter.begun();
    }

    private static <T> PolicyRun begin(CachePolicy policy, Transformer<T> transformer, Generation generation) {
        PolicyRun run = policy.begin(transformer.layout(), generation);
        if (run == null) {
            throw new IllegalStateException("Policy '" + policy.name() + "' returned null from begin");
        }
        return run;
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
        fit(branchState, grid, transformer.stage(inputs), number);
        scope.atCall(number, grid, transformer, inputs).ifPresent(warning -> reporter.warn(SCOPE, warning));
        boolean done = false;
        String problem = "";
        try {
            T result = run(number, branch, new BranchCall<>(stepOf(number), branchState, grid, inputs));
            done = true;
            return result;
        } catch (Throwable e) {
            problem = String.valueOf(e);
            throw e;
        } finally {
            if (!done) {
                fail(problem);
            }
        }
    }

    private void fit(BranchState<T> branch, TokenGrid grid, int stage, int number) {
        if (branch.fit(grid, stage)) {
            reporter.warn(
                    "rows",
                    "The number of rows changed to " + grid.rows() + " in step " + number
                            + ": what was kept is dropped and this step is computed");
        }
    }

    /** Returns the step of that number; if it is the next one, the one before it ends. */
    private Step stepOf(int number) {
        if (number > step.step()) {
            if (step.step() > 0 && !isDone(step)) {
                reporter.warn(
                        "missing branch",
                        "Step " + step.step() + " was called for " + step.called + " only, not for all of "
                                + generation.branches());
                complete();
            }
            boolean wasComputed = step.isComputed();
            step = runner.begin(number);
            reporter.stepBegun();
            if (time != null && number <= generation.steps()) {
                begin(time, wasComputed);
            }
        }
        return step;
    }

    private void begin(TimeBudget budget, boolean wasComputed) {
        budget.begin(step.step(), options.nanoTime().getAsLong(), wasComputed);
        step.affordable = budget.affordable();
        budget.notes().forEach(reporter::warn);
        budget.certain()
                .ifPresent(missed -> reporter.warnOrThrow("seconds", missed, ". It finishes as well as it can"));
    }

    private T run(int number, String branch, BranchCall<T> call) {
        checkStop();
        checkTwice(number, call.inputs());
        calledBranch = branch;
        long begin = options.nanoTime().getAsLong();
        T prediction = number > generation.steps() ? beyond(call.inputs()) : runner.call(call);
        boolean ended = false;
        try {
            step.called.add(branch);
            step.nanos += options.nanoTime().getAsLong() - begin;
            checkNumbers(number, prediction);
            if (isDone(step)) {
                complete();
            }
            ended = true;
        } finally {
            if (!ended) { // the prediction belongs to nobody yet: it is freed with the rest
                ledger.adopt(prediction);
            }
        }
        return transformer.handOver(prediction, call.inputs());
    }

    /** Notices guidance in two calls without branches: the second call is then of the same latent and noise level as the first. */
    private void checkTwice(int number, List<T> inputs) {
        if (generation.branches().size() > 1 || number > 2 || generation.steps() < 2 || options.thought()) {
            return;
        }
        OptionalLong now = transformer.fingerprint(inputs);
        if (number == 2 && now.isPresent() && now.equals(fingerprint)) {
            reporter.warnOrThrow(
                    "called twice",
                    "The first two calls were given the same latent and the same noise level. If guidance is called"
                            + " separately, name its branches: begin(policy, steps, \"conditional\","
                            + " \"unconditional\") and step(\"conditional\", inputs)",
                    "; as it is, the two are mixed");
        }
        fingerprint = now;
    }

    /** Not-a-number anywhere in a generation is still there at its end. */
    private void checkNumbers(int number, T prediction) {
        if (number == generation.steps() && !options.thought()) {
            for (double sum : transformer
                    .ops()
                    .distance(Metric.L1, prediction, prediction)
                    .total()) {
                if (!Double.isFinite(sum)) {
                    notANumber("the prediction");
                    return;
                }
            }
        }
    }

    private T beyond(List<T> inputs) {
        reporter.warnOrThrow(
                "beyond plan",
                "Step " + step.step() + " is beyond the " + generation.steps()
                        + " steps that were announced. Announce the number of calls of the denoiser, which a sampler may"
                        + " make more of than steps; and name the branches of guidance that is called separately",
                ". Such steps are computed plainly");
        step.record(new PartRecord(Part.Call.PREDICTION, true, Reason.BEYOND_PLAN));
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
        reporter.step(new StepRecord(
                step.step(),
                List.copyOf(step.records.values()),
                figures,
                step.nanos,
                ledger.held(),
                ledger.takePeak()));
        if (run instanceof ErrorGuard guard && guard.passed()) {
            reporter.warn("guard", guard.sentence());
        }
        if (step.step() == generation.steps()) {
            Diagnosis.of(generation.steps(), reporter.records()).forEach(warning -> reporter.warn(warning, warning));
        }
    }

    private void checkState() {
        if (state == State.CLOSED) {
            throw new IllegalStateException("This session is closed; begin a new one for the next generation");
        }
        if (state == State.FAILED) {
            if (reporter.ending() == Ending.FAILED) {
                throw new IllegalStateException(
                        "This session failed in step " + step.step() + " and can only be closed; begin a new one");
            }
            throw stops.exception(reporter.ending(), step.step());
        }
    }

    private BranchState<T> checkBranch(String branch) {
        BranchState<T> branchState = branches.get(branch);
        if (branchState == null) {
            throw new IllegalArgumentException("Unknown branch '" + branch
                    + "'; this session was begun with the branches " + generation.branches()
                    + ". Name all branches when it begins: begin(policy, steps, \"" + branch + "\", ...)");
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

    private void checkStop() {
        Ending why = stops.reason();
        if (why != Ending.RUNNING) {
            throw stops.exception(why, step.step());
        }
    }

    private void notANumber(String what) {
        reporter.warnOrThrow(
                "not a number",
                "Not a number: " + what + " in step " + step.step()
                        + ". The latents or the model's output may hold NaN or infinity",
                "; steps in which a measure is not a number are computed");
    }

    private void enter() {
        Thread me = Thread.currentThread();
        if (!user.compareAndSet(null, me)) {
            Thread other = user.get();
            throw new IllegalStateException("This session is in use by thread '"
                    + (other == null ? "?" : other.getName())
                    + "'; a session takes one call at a" + " time. Begin a session per generation");
        }
    }

    private void leave() {
        user.set(null);
        if (closeRequested) {
            close();
        }
    }

    private void fail(String problem) {
        if (state == State.OPEN) {
            state = State.FAILED;
        }
        try {
            ledger.releaseAll();
        } finally {
            Ending why = stops.reason();
            reporter.ended(why == Ending.RUNNING ? Ending.FAILED : why, problem);
        }
    }

    /** Stops the running step at its next span; further steps are refused. */
    @Override
    public void cancel() {
        stops.cancel();
    }

    /** Frees everything. If a step is running on another thread, it stops at its next span and frees everything there. */
    @Override
    public void close() {
        closeRequested = true;
        if (!user.compareAndSet(null, Thread.currentThread())) {
            stops.cancel();
            return;
        }
        try {
            if (state != State.CLOSED) {
                shut();
            }
        } finally {
            user.set(null);
        }
    }

    /** The session is closed when everything is freed; while memory is too short for that, it can be closed again. */
    private void shut() {
        try {
            ledger.releaseAll();
        } finally {
            if (ledger.isEmpty()) {
                state = State.CLOSED;
                transformer.sessionClosed(this);
                options.closed().run();
                reporter.ended(endingAtClose(), "");
            }
        }
    }

    private Ending endingAtClose() {
        int steps = reporter.steps();
        if (steps >= generation.steps()) {
            return Ending.COMPLETED;
        }
        if (stops.reason() == Ending.CANCELLED) {
            return Ending.CANCELLED;
        }
        return steps == 0 && step.step() == 0 ? Ending.UNUSED : Ending.CUT_SHORT;
    }

    /** Whether a branch is to be called in a step. */
    public boolean needs(String branch, int number) {
        checkBranch(branch);
        return run.needs(branch, number);
    }

    /** Returns the records of all completed steps. */
    public List<StepRecord> records() {
        return reporter.records();
    }

    /** Returns the warnings so far. */
    public List<String> warnings() {
        return reporter.warnings();
    }

    /** Returns how the session ended, or that it has not. */
    public Ending ending() {
        return reporter.ending();
    }

    /** Returns id, model, policy and what was announced. */
    public SessionInfo info() {
        return reporter.session();
    }

    /** Returns what was announced. */
    public Generation generation() {
        return generation;
    }

    /** Returns the branch whose call is running; asked by the model, inside the call. */
    public String calledBranch() {
        return calledBranch;
    }

    /** Returns the policy. */
    public CachePolicy policy() {
        return policy;
    }

    @Override
    public boolean isClosed() {
        return state == State.CLOSED;
    }

    @Override
    public String toString() {
        return "session " + options.id() + " (" + policy.name() + ", " + reporter.steps() + " of " + generation.steps()
                + " steps)";
    }
}
