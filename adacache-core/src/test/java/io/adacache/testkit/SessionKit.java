package io.adacache.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.adacache.AdaCache;
import io.adacache.CacheSession;
import io.adacache.CacheStats;
import io.adacache.event.CacheListener;
import io.adacache.event.Trace.Ending;
import io.adacache.event.Trace.StepRecord;
import io.adacache.layout.Layout;
import io.adacache.layout.Layout.Granularity;
import io.adacache.layout.Part;
import io.adacache.layout.ResidualKind;
import io.adacache.layout.Span;
import io.adacache.metric.Measure;
import io.adacache.metric.Measure.Reference;
import io.adacache.metric.Metric;
import io.adacache.metric.Probe;
import io.adacache.policy.CachePolicy;
import io.adacache.policy.Codebook;
import io.adacache.policy.Decision;
import io.adacache.policy.Decision.Reason;
import io.adacache.policy.Generation;
import io.adacache.rivals.Schedules;
import io.adacache.spi.Transformer;
import io.adacache.spi.Transformer.Embedded;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What a session must do on every engine: values, ownership, failures, threads. Tests of spans are skipped on an opaque model.
 *
 * @param <T> the engine's tensor type
 */
public abstract class SessionKit<T> {
    private static final int STEPS = 6;
    private static final long SEED = 31;
    private static final List<Double> TIMESTEPS = List.of(1000.0, 830.0, 660.0, 500.0, 330.0, 160.0);
    /** Failures and cancellations are tried at no more moments of a generation than this. */
    private static final int MOMENTS = 25;

    private ModelHarness<T> harness;
    private Transformer<T> model;
    private Layout layout;
    private long liveBefore;

    /** Returns a fresh harness. */
    protected abstract ModelHarness<T> harness();

    @BeforeEach
    final void open() {
        harness = harness();
        model = harness.transformer();
        layout = model.layout();
        liveBefore = harness.live();
    }

    @AfterEach
    final void everyTensorIsGivenBack() {
        assertLiveAsBefore();
        harness.close();
    }

    private void assertLiveAsBefore() {
        assertThat(harness.live()).as("live tensors").isEqualTo(liveBefore);
    }

    // ---------------------------------------------------------------- policies to try

    /** Returns policies that between them use every way of keeping and reusing. */
    protected List<CachePolicy> policies() {
        List<CachePolicy> policies = new ArrayList<>(List.of(
                Schedules.none(),
                Schedules.every(1),
                Schedules.every(2),
                Schedules.even(3),
                wholeCalls(Part.Call.PREDICTION),
                wholeCalls(Part.Call.CHANGE),
                forecast(wholeCalls(Part.Call.CHANGE))));
        if (!layout.isOpaque()) {
            AdaCache everyThird =
                    AdaCache.builder().codebook(Codebook.parse("1:3")).build();
            for (Granularity granularity : Granularity.values()) {
                policies.add(everyThird.toBuilder().granularity(granularity).build());
            }
            policies.add(everyThird.withMotionRegularization());
            policies.add(everyThird.toBuilder()
                    .only(site -> site.kind() != ResidualKind.MLP)
                    .build());
            policies.add(forecast(everySecond(layout.perSite())));
            policies.add(everySecond(halves()).measuring(everyProbe()));
            policies.add(movingSpans());
        }
        return policies;
    }

    private static boolean computes(int step) {
        return step % 2 == 1;
    }

    private static Decision everySecond(int step) {
        return computes(step) ? Decision.compute(Reason.SCHEDULE) : Decision.reuse(Reason.SCHEDULE);
    }

    private static ScriptedPolicy wholeCalls(Part.Call kept) {
        return ScriptedPolicy.wholeCalls(kept, SessionKit::everySecond);
    }

    private static ScriptedPolicy everySecond(List<Span> spans) {
        return ScriptedPolicy.spans(spans, (span, step) -> everySecond(step));
    }

    /** The same policy, with two kept sums and a linear forecast as soon as there are two. */
    private static ScriptedPolicy forecast(ScriptedPolicy policy) {
        Decision.Reuse linear = new Decision.Reuse(Reason.SCHEDULE, new double[] {2, -1});
        return new ScriptedPolicy(
                policy.name() + ", forecast",
                2,
                policy.measures(),
                policy.plan(),
                (span, step) -> step.step() > 3 && !computes(step.step())
                        ? linear
                        : policy.decide().apply(span, step));
    }

    private List<Span> halves() {
        int sites = layout.sites().size();
        return sites == 1 ? List.of(layout.stack()) : List.of(new Span(0, sites / 2), new Span(sites / 2, sites));
    }

    private Measure[] everyProbe() {
        List<Integer> ends =
                List.of(0, layout.sites().size() - 1).stream().distinct().toList();
        List<Measure> measures = new ArrayList<>();
        for (Reference reference : Reference.values()) {
            for (Probe probe : List.of(
                    new Probe.Latent(),
                    new Probe.Modulated(0),
                    new Probe.Residuals(ends),
                    new Probe.SpanSum(halves().get(0)),
                    new Probe.Prediction())) {
                measures.add(new Measure.Distance(probe, Metric.L1, reference));
            }
        }
        measures.add(new Measure.Motion(new Probe.Residuals(ends), Metric.L2, List.of(1, 2)));
        return measures.toArray(Measure[]::new);
    }

    /** Spans that change from step to step: what was kept for others must go. */
    private ScriptedPolicy movingSpans() {
        return new ScriptedPolicy(
                "moving spans",
                1,
                List.of(),
                step -> step.step() < 4 ? halves() : layout.perSite(),
                (part, step) -> step.step() == 1 || (step.step() < 4 && ((Span) part).first() > 0)
                        ? Decision.compute(Reason.SCHEDULE)
                        : Decision.reuse(Reason.SCHEDULE));
    }

    // ---------------------------------------------------------------- running generations

    private CacheSession.Builder<T> session(CachePolicy policy) {
        return CacheSession.builder(model).policy(policy).steps(STEPS).timesteps(TIMESTEPS);
    }

    private List<T> inputs(long seed, int step) {
        return harness.inputs(100 * seed + step);
    }

    private float[] step(CacheSession<T> session, long seed, int step) {
        List<T> inputs = inputs(seed, step);
        try {
            return take(session.step(inputs));
        } finally {
            harness.freeAll(inputs);
        }
    }

    private float[] take(T prediction) {
        float[] values = harness.values(prediction);
        harness.free(prediction);
        return values;
    }

    private List<float[]> run(CacheSession<T> session, long seed) {
        List<float[]> predictions = new ArrayList<>();
        for (int step = 1; step <= STEPS; step++) {
            predictions.add(step(session, seed, step));
        }
        return predictions;
    }

    private List<float[]> generate(CachePolicy policy, long seed) {
        try (CacheSession<T> session = session(policy).begin()) {
            return run(session, seed);
        }
    }

    private float[] plain(long seed, int step) {
        List<T> inputs = inputs(seed, step);
        T prediction = model.forward(inputs);
        float[] values = harness.values(prediction);
        model.ops().release(prediction);
        harness.freeAll(inputs);
        return values;
    }

    private static void assertSame(List<float[]> actual, List<float[]> expected) {
        assertThat(actual).hasSameSizeAs(expected);
        for (int i = 0; i < expected.size(); i++) {
            assertThat(actual.get(i)).as("step %d", i + 1).isEqualTo(expected.get(i));
        }
    }

    // ---------------------------------------------------------------- values

    @Test
    void computingEveryStepIsThePlainModelBitForBit() {
        List<CachePolicy> plainly = new ArrayList<>(List.of(Schedules.none(), Schedules.every(1)));
        if (!layout.isOpaque()) {
            plainly.add(AdaCache.builder().codebook(Codebook.parse("1:1")).build());
        }
        List<float[]> expected = new ArrayList<>();
        for (int step = 1; step <= STEPS; step++) {
            expected.add(plain(SEED, step));
        }
        for (CachePolicy policy : plainly) {
            assertSame(generate(policy, SEED), expected);
        }
    }

    @Test
    void computedStepsAreThePlainModelWhateverThePolicy() {
        for (CachePolicy policy : policies()) {
            try (CacheSession<T> session = session(policy).begin()) {
                List<float[]> predictions = run(session, SEED);
                assertThat(session.trace().computedSteps()).as(policy.name()).contains(1);
                for (int step : session.trace().computedSteps()) {
                    assertThat(predictions.get(step - 1))
                            .as("%s, step %d", policy.name(), step)
                            .isEqualTo(plain(SEED, step));
                }
            }
        }
    }

    @Test
    void forcedStepsCompute() {
        assumeFalse(layout.isOpaque(), "needs sites");
        AdaCache lazy = AdaCache.builder().codebook(Codebook.parse("1:100")).build();
        try (CacheSession<T> session = session(lazy).begin()) {
            run(session, SEED);
            assertThat(session.trace().computedSteps()).containsExactly(1, 2, STEPS - 1, STEPS);
        }
    }

    @Test
    void reuseAddsExactlyWhatWasKept() {
        assumeFalse(layout.isOpaque(), "needs sites");
        try (CacheSession<T> session = session(Schedules.every(2)).begin()) {
            step(session, SEED, 1);
            assertThat(step(session, SEED, 2)).isEqualTo(addedByHand());
        }
    }

    private float[] addedByHand() {
        List<T> first = inputs(SEED, 1);
        List<T> second = inputs(SEED, 2);
        List<T> all = new ArrayList<>();
        try (Embedded<T> computed = model.embed(first);
                Embedded<T> reused = model.embed(second)) {
            all.add(computed.hidden());
            all.add(reused.hidden());
            // A span of one site keeps the residual itself, a longer one the difference that it makes.
            int[] capture = layout.stack().size() == 1 ? new int[] {0} : new int[0];
            List<T> ran = model.run(layout.stack(), capture, computed.hidden(), computed);
            all.addAll(ran);
            T change = capture.length == 1
                    ? model.ops().copy(ran.get(1))
                    : model.ops().subtract(ran.get(0), computed.hidden());
            all.add(change);
            T moved = model.ops().addWeighted(reused.hidden(), new double[] {1}, List.of(change));
            all.add(moved);
            T prediction = model.head(moved, reused);
            all.add(prediction);
            return harness.values(prediction);
        } finally {
            all.forEach(model.ops()::release);
            harness.freeAll(first);
            harness.freeAll(second);
        }
    }

    @Test
    void aReusedCallRepeatsThePrediction() {
        List<float[]> predictions = generate(wholeCalls(Part.Call.PREDICTION), SEED);
        assertThat(predictions.get(1)).isEqualTo(predictions.get(0));
        assertThat(predictions.get(2)).isNotEqualTo(predictions.get(0));
    }

    @Test
    void aPolicyThatWantsMoreThanIsKeptIsAnErrorThatNamesIt() {
        Decision.Reuse tooMuch = new Decision.Reuse(Reason.SCHEDULE, new double[] {2, -1});
        ScriptedPolicy greedy = ScriptedPolicy.wholeCalls(
                        Part.Call.PREDICTION, step -> step == 1 ? Decision.compute(Reason.FIRST) : tooMuch)
                .withHistory(2);
        try (CacheSession<T> session = session(greedy).begin()) {
            step(session, SEED, 1);
            assertThatThrownBy(() -> step(session, SEED, 2))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining(greedy.name());
            assertLiveAsBefore();
        }
    }

    @Test
    void aPlanThatIsNoPartitionIsAnError() {
        assumeFalse(layout.isOpaque(), "needs sites");
        Span beyond = new Span(0, layout.sites().size() + 1);
        try (CacheSession<T> session = session(everySecond(List.of(beyond))).begin()) {
            assertThatThrownBy(() -> step(session, SEED, 1))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("covers all sites");
            assertLiveAsBefore();
        }
    }

    @Test
    void aBranchThatAPolicyDropsIsNotWaitedFor() {
        ScriptedPolicy policy = wholeCalls(Part.Call.PREDICTION);
        List<String> called = new ArrayList<>();
        try (CacheSession<T> session = session(new DroppingPolicy(policy, "unconditional", 3))
                .branches("conditional", "unconditional")
                .begin()) {
            for (int step = 1; step <= STEPS; step++) {
                for (String branch : List.of("conditional", "unconditional")) {
                    if (session.needs(branch, step)) {
                        List<T> inputs = inputs(SEED, step);
                        take(session.step(branch, inputs));
                        harness.freeAll(inputs);
                        called.add(branch);
                    }
                }
            }
            assertThat(session.stats().steps()).isEqualTo(STEPS);
            assertThat(called).hasSize(STEPS + 2);
            assertLiveAsBefore();
        }
    }

    @Test
    void aListenerMayCloseTheSessionFromWithin() {
        List<CacheSession<T>> open = new ArrayList<>();
        CacheSession<T> session = session(Schedules.every(2))
                .listener(new CacheListener() {
                    @Override
                    public void onStep(SessionInfo session, StepRecord record) {
                        open.get(0).close();
                    }
                })
                .begin();
        open.add(session);
        assertThat(step(session, SEED, 1)).isEqualTo(plain(SEED, 1));
        assertLiveAsBefore();
        assertThatThrownBy(() -> step(session, SEED, 2)).hasMessageContaining("closed");
    }

    @Test
    void aSecondGenerationIsAsTheFirst() {
        for (CachePolicy policy : policies()) {
            assertSame(generate(policy, SEED), generate(policy, SEED));
        }
    }

    // ---------------------------------------------------------------- sessions and branches

    @Test
    void interleavedSessionsNeverMix() {
        for (CachePolicy policy : policies()) {
            List<float[]> first = new ArrayList<>();
            List<float[]> second = new ArrayList<>();
            try (CacheSession<T> one = session(policy).begin();
                    CacheSession<T> two = session(policy).begin()) {
                for (int step = 1; step <= STEPS; step++) {
                    first.add(step(one, SEED, step));
                    second.add(step(two, SEED + 1, step));
                }
            }
            assertSame(first, generate(policy, SEED));
            assertSame(second, generate(policy, SEED + 1));
        }
    }

    @Test
    void branchesNeverMix() {
        for (CachePolicy policy : List.of(Schedules.every(2), wholeCalls(Part.Call.CHANGE))) {
            List<float[]> conditional = new ArrayList<>();
            List<float[]> unconditional = new ArrayList<>();
            try (CacheSession<T> session =
                    session(policy).branches("conditional", "unconditional").begin()) {
                for (int step = 1; step <= STEPS; step++) {
                    List<T> with = inputs(SEED, step);
                    List<T> without = inputs(SEED + 1, step);
                    conditional.add(take(session.step("conditional", with)));
                    unconditional.add(take(session.step("unconditional", without)));
                    harness.freeAll(with);
                    harness.freeAll(without);
                }
                assertThat(session.stats().steps()).isEqualTo(STEPS);
            }
            assertSame(conditional, generate(policy, SEED));
            assertSame(unconditional, generate(policy, SEED + 1));
        }
    }

    @Test
    void twoSessionsAtOnceGiveWhatEachGivesAlone() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(2);
        try {
            for (CachePolicy policy : policies()) {
                Callable<List<float[]>> one = () -> generate(policy, SEED);
                Callable<List<float[]>> two = () -> generate(policy, SEED + 1);
                List<Future<List<float[]>>> both = threads.invokeAll(List.of(one, two));
                assertSame(both.get(0).get(), generate(policy, SEED));
                assertSame(both.get(1).get(), generate(policy, SEED + 1));
            }
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void aSessionMayBeHandedFromThreadToThread() throws Exception {
        CachePolicy policy = Schedules.every(3);
        List<float[]> predictions = new ArrayList<>();
        try (CacheSession<T> session = session(policy).begin()) {
            for (int step = 1; step <= STEPS; step++) {
                int number = step;
                ExecutorService thread = Executors.newSingleThreadExecutor();
                predictions.add(thread.submit(() -> step(session, SEED, number)).get());
                thread.shutdown();
            }
        }
        assertSame(predictions, generate(policy, SEED));
    }

    @Test
    void aConcurrentEntryIsRefused() throws Exception {
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        Transformer<T> waiting = new HookedTransformer<>(model, call -> {
            inside.countDown();
            await(goOn);
        });
        ExecutorService thread = Executors.newSingleThreadExecutor();
        try (CacheSession<T> session = CacheSession.builder(waiting)
                .policy(Schedules.every(2))
                .steps(STEPS)
                .begin()) {
            Future<float[]> first = thread.submit(() -> step(session, SEED, 1));
            await(inside);
            assertThatThrownBy(() -> step(session, SEED, 1))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("in use");
            goOn.countDown();
            assertThat(first.get()).isEqualTo(plain(SEED, 1));
            step(session, SEED, 2);
        } finally {
            thread.shutdownNow();
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            if (!latch.await(30, TimeUnit.SECONDS)) {
                throw new AssertionError("waited in vain");
            }
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    // ---------------------------------------------------------------- ownership and failures

    @Test
    void closeGivesBackEveryTensorAfterAnyNumberOfSteps() {
        for (CachePolicy policy : policies()) {
            for (int steps = 0; steps <= STEPS; steps++) {
                CacheSession<T> session = session(policy).begin();
                for (int step = 1; step <= steps; step++) {
                    step(session, SEED, step);
                }
                session.close();
                session.close();
                assertLiveAsBefore();
            }
        }
    }

    @Test
    void aFinishedGenerationHoldsNothing() {
        for (CachePolicy policy : policies()) {
            try (CacheSession<T> session = session(policy).begin()) {
                run(session, SEED);
                assertLiveAsBefore();
            }
        }
    }

    @Test
    void aStepHoldsWhatItSaysAndNothingElse() {
        for (CachePolicy policy : policies()) {
            try (CacheSession<T> session = session(policy).begin()) {
                for (int step = 1; step < STEPS; step++) {
                    step(session, SEED, step);
                    StepRecord record = session.trace().steps().get(step - 1);
                    assertThat(harness.live() > liveBefore)
                            .as("%s holds %d bytes after step %d", policy.name(), record.bytesHeld(), step)
                            .isEqualTo(record.bytesHeld() > 0);
                    assertThat(record.bytesPeak()).isGreaterThanOrEqualTo(record.bytesHeld());
                }
            }
        }
    }

    /** Calls of a whole generation, and the moments among them at which something is to happen. */
    private List<Integer> moments(CachePolicy policy) {
        AtomicInteger calls = new AtomicInteger();
        Transformer<T> counting = new HookedTransformer<>(model, call -> calls.incrementAndGet());
        try (CacheSession<T> session = CacheSession.builder(counting)
                .policy(policy)
                .steps(STEPS)
                .timesteps(TIMESTEPS)
                .begin()) {
            run(session, SEED);
        }
        List<Integer> moments = new ArrayList<>();
        int count = Math.min(calls.get(), MOMENTS);
        for (int i = 0; i < count; i++) {
            moments.add(1 + (int) ((long) i * calls.get() / count));
        }
        return moments;
    }

    private CacheSession<T> hooked(CachePolicy policy, int moment, AtomicReference<Runnable> action) {
        AtomicInteger calls = new AtomicInteger();
        Transformer<T> hooked = new HookedTransformer<>(model, call -> {
            if (calls.incrementAndGet() == moment) {
                action.get().run();
            }
        });
        return CacheSession.builder(hooked)
                .policy(policy)
                .steps(STEPS)
                .timesteps(TIMESTEPS)
                .begin();
    }

    @Test
    void aFailureAtAnyMomentGivesEverythingBack() {
        for (CachePolicy policy : policies()) {
            for (int moment : moments(policy)) {
                RuntimeException failure = new RuntimeException("made to fail at call " + moment);
                CacheSession<T> session = hooked(policy, moment, new AtomicReference<>(() -> {
                    throw failure;
                }));
                assertThat(catchThrowable(() -> run(session, SEED)))
                        .as("%s", policy.name())
                        .isSameAs(failure);
                assertLiveAsBefore();
                assertThatThrownBy(() -> step(session, SEED, 1))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("failed");
                session.close();
                assertLiveAsBefore();
            }
            assertSame(generate(policy, SEED), generate(policy, SEED));
        }
    }

    @Test
    void aPolicyThatThrowsGivesEverythingBack() {
        for (CachePolicy policy : policies()) {
            for (String method : List.of("plan", "decide", "completed", "needs")) {
                CacheSession<T> session =
                        session(new ThrowingPolicy(policy, method, 3)).begin();
                Throwable thrown = catchThrowable(() -> run(session, SEED));
                assertThat(thrown == null || thrown.getMessage().equals("made to fail in " + method))
                        .as("%s, %s: %s", policy.name(), method, thrown)
                        .isTrue();
                if (thrown != null) {
                    assertLiveAsBefore();
                }
                session.close();
                assertLiveAsBefore();
            }
        }
    }

    @Test
    void cancellationAtAnyMomentGivesEverythingBack() {
        for (CachePolicy policy : policies()) {
            for (int moment : moments(policy)) {
                AtomicReference<Runnable> action = new AtomicReference<>();
                try (CacheSession<T> session = hooked(policy, moment, action)) {
                    action.set(session::cancel);
                    assertThat(catchThrowable(() -> run(session, SEED)))
                            .as("%s, cancelled at call %d", policy.name(), moment)
                            .satisfiesAnyOf(
                                    thrown -> assertThat(thrown).isInstanceOf(CancellationException.class),
                                    thrown -> assertThat(thrown)
                                            .as("the last step was over")
                                            .isNull());
                    assertLiveAsBefore();
                    assertThatThrownBy(() -> step(session, SEED, 1)).isInstanceOf(CancellationException.class);
                }
                assertLiveAsBefore();
            }
        }
    }

    @Test
    void closingFromAnotherThreadAtAnyMomentGivesEverythingBack() {
        for (CachePolicy policy : policies()) {
            for (int moment : moments(policy)) {
                AtomicReference<Runnable> action = new AtomicReference<>();
                CacheSession<T> session = hooked(policy, moment, action);
                action.set(() -> onAnotherThread(session::close));
                assertThat(catchThrowable(() -> run(session, SEED)))
                        .as("%s, closed at call %d", policy.name(), moment)
                        .satisfiesAnyOf(
                                thrown -> assertThat(thrown).isInstanceOf(CancellationException.class),
                                thrown -> assertThat(thrown)
                                        .isInstanceOf(IllegalStateException.class)
                                        .hasMessageContaining("closed"),
                                thrown -> assertThat(thrown)
                                        .as("the last step was over")
                                        .isNull());
                assertLiveAsBefore();
                assertThatThrownBy(() -> step(session, SEED, 1))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("closed");
            }
        }
    }

    private static void onAnotherThread(Runnable action) {
        Thread thread = new Thread(action);
        thread.start();
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aListenerThatThrowsDisturbsNothing() {
        CacheListener rude = new CacheListener() {
            @Override
            public void onStep(SessionInfo session, StepRecord record) {
                throw new IllegalStateException("a rude listener");
            }

            @Override
            public void onEnd(SessionInfo session, Ending ending, String reason, List<StepRecord> records) {
                throw new IllegalStateException("a rude listener, at the end");
            }
        };
        for (CachePolicy policy : policies()) {
            CacheSession<T> session = session(policy).listener(rude).begin();
            List<float[]> predictions = run(session, SEED);
            session.close();
            assertThat(session.stats().warnings())
                    .filteredOn(warning -> warning.contains("listener"))
                    .singleElement()
                    .asString()
                    .contains("rude");
            assertSame(predictions, generate(policy, SEED));
            assertLiveAsBefore();
        }
    }

    @Test
    void aListenerHearsOfEachStepOnce() {
        for (CachePolicy policy : policies()) {
            List<StepRecord> heard = new ArrayList<>();
            List<StepRecord> atTheEnd = new ArrayList<>();
            CacheSession<T> session = session(policy)
                    .listener(new CacheListener() {
                        @Override
                        public void onStep(SessionInfo session, StepRecord record) {
                            heard.add(record);
                        }

                        @Override
                        public void onEnd(SessionInfo session, Ending ending, String reason, List<StepRecord> records) {
                            atTheEnd.addAll(records);
                        }
                    })
                    .begin();
            run(session, SEED);
            assertThat(heard).extracting(StepRecord::step).containsExactly(1, 2, 3, 4, 5, 6);
            session.close();
            session.close();
            assertThat(atTheEnd).isEqualTo(heard).isEqualTo(session.trace().steps());
        }
    }

    @Test
    void inputsWithoutNumbersDoNotLeakAndComputeTheNextStep() {
        for (CachePolicy policy : policies()) {
            try (CacheSession<T> session = session(policy).begin()) {
                step(session, SEED, 1);
                List<T> broken = harness.inputsWithoutNumbers(SEED);
                take(session.step(broken));
                harness.freeAll(broken);
                for (int step = 3; step <= STEPS; step++) {
                    step(session, SEED, step);
                }
                if (policy instanceof AdaCache) {
                    assertThat(session.trace().computedSteps())
                            .as(policy.name())
                            .contains(1, 2, 3, 4);
                    assertThat(session.stats().warnings())
                            .anySatisfy(warning -> assertThat(warning).contains("number"));
                }
            }
            assertLiveAsBefore();
            assertSame(generate(policy, SEED), generate(policy, SEED));
        }
    }

    @Test
    void strictSessionsRefuseMeasuresThatAreNotNumbers() {
        assumeFalse(layout.isOpaque(), "needs sites");
        try (CacheSession<T> session = session(AdaCache.fast()).strict().begin()) {
            step(session, SEED, 1);
            List<T> broken = harness.inputsWithoutNumbers(SEED);
            assertThatThrownBy(() -> session.step(broken))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("number");
            harness.freeAll(broken);
            assertLiveAsBefore();
        }
    }

    // ---------------------------------------------------------------- wrong use

    @Test
    void aClosedSessionRefusesSteps() {
        CacheSession<T> session = session(Schedules.every(2)).begin();
        step(session, SEED, 1);
        session.close();
        assertThatThrownBy(() -> step(session, SEED, 2))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("closed");
    }

    @Test
    void anUnknownBranchIsRefusedAndTheSessionGoesOn() {
        try (CacheSession<T> session = session(Schedules.every(2)).begin()) {
            List<T> inputs = inputs(SEED, 1);
            assertThatThrownBy(() -> session.step("negative", inputs))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("negative");
            harness.freeAll(inputs);
            assertSame(run(session, SEED), generate(Schedules.every(2), SEED));
        }
    }

    @Test
    void aWrongOrderIsRefusedAndTheSessionGoesOn() {
        String branch = Generation.SINGLE_BRANCH;
        try (CacheSession<T> session = session(Schedules.every(2)).begin()) {
            step(session, SEED, 1);
            List<T> inputs = inputs(SEED, 2);
            for (int wrong : new int[] {-1, 0, 1, 3, 6}) {
                assertThatThrownBy(() -> session.step(wrong, branch, inputs))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("order");
            }
            take(session.step(2, branch, inputs));
            harness.freeAll(inputs);
        }
    }

    @Test
    void aChangedSizeIsRefusedAndTheSessionGoesOn() {
        assumeFalse(layout.isOpaque(), "the size of an opaque model's tokens is not known");
        try (CacheSession<T> session = session(Schedules.every(2)).begin()) {
            float[] first = step(session, SEED, 1);
            List<T> other = harness.inputsOfOtherSize(SEED);
            assertThatThrownBy(() -> session.step(other))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("size");
            harness.freeAll(other);
            List<float[]> predictions = new ArrayList<>(List.of(first));
            for (int step = 2; step <= STEPS; step++) {
                predictions.add(step(session, SEED, step));
            }
            assertSame(predictions, generate(Schedules.every(2), SEED));
        }
    }

    @Test
    void inputsThatDoNotFitAreRefusedAndTheSessionGoesOn() {
        try (CacheSession<T> session = session(Schedules.every(2)).begin()) {
            assertThatThrownBy(() -> session.step(List.of())).isInstanceOf(IllegalArgumentException.class);
            assertSame(run(session, SEED), generate(Schedules.every(2), SEED));
        }
    }

    @Test
    void stepsBeyondTheAnnouncedAreComputedPlainlyWithOneWarning() {
        try (CacheSession<T> session = session(Schedules.every(2)).begin()) {
            run(session, SEED);
            for (int step = STEPS + 1; step <= STEPS + 2; step++) {
                assertThat(step(session, SEED, step)).isEqualTo(plain(SEED, step));
            }
            assertThat(session.stats().warnings()).hasSize(1).first().asString().contains("beyond");
            assertLiveAsBefore();
        }
    }

    @Test
    void strictSessionsRefuseStepsBeyondTheAnnounced() {
        try (CacheSession<T> session = session(Schedules.every(2)).strict().begin()) {
            run(session, SEED);
            assertThatThrownBy(() -> step(session, SEED, STEPS + 1))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("beyond");
        }
    }

    @Test
    void blockPoliciesAreRefusedOnAnOpaqueModelWithAReason() {
        assumeTrue(layout.isOpaque());
        assertThatThrownBy(() -> session(AdaCache.fast()).begin())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("opaque")
                .hasMessageContaining("easycache")
                .hasMessageContaining(model.remedyForSites());
    }

    // ---------------------------------------------------------------- counters

    @Test
    void countersAddUp() {
        for (CachePolicy policy : policies()) {
            try (CacheSession<T> session = session(policy).begin()) {
                for (int step = 1; step <= STEPS - 1; step++) {
                    step(session, SEED, step);
                }
                CacheStats stats = session.stats();
                List<StepRecord> records = session.trace().steps();
                assertThat(stats.announcedSteps()).isEqualTo(STEPS);
                assertThat(stats.steps()).isEqualTo(STEPS - 1).isEqualTo(records.size());
                long partly = records.stream()
                        .filter(record -> !record.isComputed() && !record.isReused())
                        .count();
                assertThat(stats.computedSteps() + stats.reusedSteps() + partly).isEqualTo(stats.steps());
                assertThat(stats.computedSteps())
                        .isEqualTo(session.trace().computedSteps().size());
                assertThat(stats.bytesHeld()).isLessThanOrEqualTo(stats.bytesPeak());
                assertThat(stats.policy()).isEqualTo(policy.name());
            }
        }
    }
}
