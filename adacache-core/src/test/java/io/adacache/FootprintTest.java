package io.adacache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.adacache.event.Trace.StepRecord;
import io.adacache.layout.Layout;
import io.adacache.layout.Layout.Granularity;
import io.adacache.layout.ResidualKind;
import io.adacache.layout.TokenGrid;
import io.adacache.policy.CachePolicy;
import io.adacache.policy.Generation;
import io.adacache.rivals.Schedules;
import io.adacache.testkit.FloatTensor;
import io.adacache.testkit.Layouts;
import io.adacache.testkit.LinearTransformer;
import io.adacache.testkit.ModelConstants;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Bytes held and at peak: what sessions report, what is predicted, and what the design promises. */
class FootprintTest {
    private static final int STEPS = 30;
    private static final int ROWS = 2;
    private static final TokenGrid GRID = new TokenGrid(ROWS, 0, 3, 4, 2);
    private static final long ACTIVATION = GRID.elements() * Float.BYTES;

    private static final List<Double> TIMESTEPS =
            IntStream.range(0, STEPS).mapToObj(i -> 1000.0 - i * 1000 / STEPS).toList();

    private static CacheStats run(CachePolicy policy, Layout layout, String... branches) {
        LinearTransformer model = LinearTransformer.of(layout);
        try (CacheSession<FloatTensor> session = CacheSession.builder(model)
                .policy(policy)
                .steps(STEPS)
                .timesteps(TIMESTEPS)
                .branches(branches)
                .begin()) {
            for (int step = 1; step <= STEPS; step++) {
                for (String branch : branches) {
                    // The same inputs each time, but for a little: distances are small and much is cached.
                    List<FloatTensor> inputs = model.inputs(7, ROWS, 3, 2, 2);
                    inputs.get(1).data()[0] += step * 0.01f;
                    model.ops().release(session.step(step, branch, inputs));
                    inputs.forEach(model.ops()::release);
                }
            }
            return session.stats();
        }
    }

    private static CacheStats run(CachePolicy policy, Layout layout) {
        return run(policy, layout, Generation.SINGLE_BRANCH);
    }

    private static Footprint predict(CachePolicy policy, Layout layout, String... branches) {
        return Footprint.predict(
                policy,
                layout,
                new Generation(STEPS, List.of(branches), TIMESTEPS),
                new Footprint.Sizes(layout.isOpaque() ? TokenGrid.UNKNOWN : GRID, Float.BYTES, ACTIVATION, ACTIVATION));
    }

    private static List<CachePolicy> blockPolicies() {
        List<CachePolicy> policies = new ArrayList<>();
        for (Granularity granularity : Granularity.values()) {
            AdaCache policy = AdaCache.builder().granularity(granularity).build();
            policies.add(policy);
            policies.add(policy.withMotionRegularization());
            policies.add(policy.toBuilder()
                    .residuals(ResidualKind.CROSS_ATTENTION, ResidualKind.MLP)
                    .build());
            policies.add(policy.toBuilder()
                    .only(site -> site.kind().isSelfAttention())
                    .build());
        }
        return policies;
    }

    @Test
    void isWhatASessionReports() {
        for (Layout layout : List.of(Layouts.openSora(3), Layouts.latte(2))) {
            List<CachePolicy> policies = blockPolicies();
            policies.addAll(List.of(Schedules.none(), Schedules.every(3), Schedules.even(5)));
            for (CachePolicy policy : policies) {
                CacheStats stats = run(policy, layout);
                assertThat(predict(policy, layout, Generation.SINGLE_BRANCH))
                        .as("%s on %s", policy, layout)
                        .isEqualTo(new Footprint(stats.bytesHeld(), stats.bytesPeak()));
            }
        }
    }

    private static CacheSession.Builder<FloatTensor> limited(LinearTransformer model, CachePolicy policy, long bytes) {
        return CacheSession.builder(model)
                .policy(policy)
                .steps(STEPS)
                .bytes(bytes, new Footprint.Sizes(GRID, Float.BYTES, ACTIVATION, ACTIVATION));
    }

    @Test
    void aLimitTakesTheFormThatKeepsToItAndDecidesTheSameSteps() {
        LinearTransformer model = LinearTransformer.of(Layouts.openSora(5));
        CachePolicy pairs = Policies.parse("adacache-fast:spans=pairs");
        long ofPairs = predict(pairs, model.layout(), Generation.SINGLE_BRANCH).bytesPeak();
        try (CacheSession<FloatTensor> session = limited(model, pairs, ofPairs).begin()) {
            assertThat(session.stats().policy()).isEqualTo("adacache-fast:spans=pairs");
        }
        List<Integer> asked =
                computed(model, CacheSession.builder(model).policy(pairs).steps(STEPS));
        assertThat(computed(model, limited(model, pairs, ofPairs - 1))).isEqualTo(asked);
        try (CacheSession<FloatTensor> session =
                limited(model, pairs, ofPairs - 1).begin()) {
            assertThat(session.stats().policy()).isEqualTo("adacache-fast:spans=fused");
        }
    }

    private static List<Integer> computed(LinearTransformer model, CacheSession.Builder<FloatTensor> builder) {
        try (CacheSession<FloatTensor> session = builder.begin()) {
            for (int step = 1; step <= STEPS; step++) {
                List<FloatTensor> inputs = model.inputs(7, ROWS, 3, 2, 2);
                inputs.get(1).data()[0] += step * 0.01f;
                model.ops().release(session.step(inputs));
                inputs.forEach(model.ops()::release);
            }
            return session.trace().computedSteps();
        }
    }

    @Test
    void whatFitsInNoFormIsRefusedBeforeAnythingIsComputed() {
        LinearTransformer model = LinearTransformer.of(Layouts.openSora(5));
        CachePolicy sites = Policies.parse("adacache-fast:spans=sites");
        assertThatThrownBy(() -> limited(model, sites, ACTIVATION).begin())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("spans=sites")
                .hasMessageContaining("spans=fused")
                .hasMessageContaining("keepAs");
        assertThatThrownBy(() -> limited(model, sites, -1)).hasMessageContaining("0 or more");
        assertThat(Policies.parse("adacache-fast:spans=sites,schedule=own").lighter())
                .isEmpty();
        assertThat(Policies.parse("every-3").lighter()).isEmpty();
    }

    @Test
    void isWhatASessionOfTwoBranchesReports() {
        for (CachePolicy policy : blockPolicies()) {
            CacheStats stats = run(policy, Layouts.openSora(2), "conditional", "unconditional");
            assertThat(predict(policy, Layouts.openSora(2), "conditional", "unconditional"))
                    .as("%s", policy)
                    .isEqualTo(new Footprint(stats.bytesHeld(), stats.bytesPeak()));
        }
    }

    @Test
    void isWhatASessionOnAnOpaqueModelReports() {
        CachePolicy policy = Schedules.every(2);
        CacheStats stats = run(policy, Layout.opaque());
        assertThat(predict(policy, Layout.opaque(), Generation.SINGLE_BRANCH))
                .isEqualTo(new Footprint(stats.bytesHeld(), stats.bytesPeak()));
        assertThat(stats.bytesHeld()).isEqualTo(ACTIVATION);
    }

    /** With the probe: one sum and the probe; two per block, of which the probe is one; every site, of which the probe is one. */
    @ParameterizedTest
    @CsvSource({"FUSED, 2, 4", "PAIRS, 20, 23", "SITES, 30, 33"})
    void adaCacheHolds(Granularity granularity, int held, int peak) {
        AdaCache policy = AdaCache.builder().granularity(granularity).build();
        CacheStats stats = run(policy, Layouts.openSora(5));
        assertThat(stats.bytesHeld()).isEqualTo(held * ACTIVATION);
        assertThat(stats.bytesPeak()).isEqualTo(peak * ACTIVATION);
    }

    /** What is forecast through, the three newest, is also what is measured against; said before a run. */
    @ParameterizedTest
    @ValueSource(strings = {"calls=10", "quality=0.1", "calls=10,unit=call", "calls=10,unit=stack"})
    void adaCachePlusHoldsThree(String settings) {
        CachePolicy policy = Policies.parse("adacache-plus:" + settings);
        for (Layout layout : List.of(Layouts.openSora(5), Layouts.latte(2))) {
            CacheStats stats = run(policy, layout);
            Footprint predicted = predict(policy, layout, Generation.SINGLE_BRANCH);
            assertThat(stats.bytesHeld()).isEqualTo(3 * ACTIVATION);
            assertThat(predicted.bytesHeld()).isEqualTo(3 * ACTIVATION);
            assertThat(predicted.bytesPeak()).isEqualTo(stats.bytesPeak());
        }
    }

    @Test
    void fusedHoldsTwoActivationsAfterEachStepButTheFirstAndLast() {
        LinearTransformer model = LinearTransformer.of(Layouts.openSora(5));
        List<Long> held = new ArrayList<>();
        try (CacheSession<FloatTensor> session =
                CacheSession.builder(model).policy(AdaCache.fast()).steps(STEPS).begin()) {
            for (int step = 1; step <= STEPS; step++) {
                List<FloatTensor> inputs = model.inputs(step, ROWS, 3, 2, 2);
                model.ops().release(session.step(inputs));
                inputs.forEach(model.ops()::release);
            }
            session.trace().steps().stream().map(StepRecord::bytesHeld).forEach(held::add);
        }
        assertThat(held.subList(0, STEPS - 1)).containsOnly(2 * ACTIVATION);
        assertThat(held.get(STEPS - 1)).as("after the last step").isZero();
    }

    /** The paper's own case: Open-Sora at 720p for two seconds, guidance batched, bf16. */
    @Test
    void ofOpenSoraAtFullSize() {
        TokenGrid grid = new TokenGrid(2, 0, 15, 3600, 1152);
        Footprint.Sizes sizes = new Footprint.Sizes(grid, 2, 2L * 4 * 15 * 90 * 160 * 4, 2L * 8 * 15 * 90 * 160 * 4);
        Layout openSora = Layouts.openSora(28);
        long activation = sizes.activationBytes();
        AdaCache fused = AdaCache.fast();
        assertThat(Footprint.predict(fused, openSora, Generation.of(30), sizes).bytesHeld())
                .isEqualTo(2 * activation);
        AdaCache pairs = fused.toBuilder().granularity(Granularity.PAIRS).build();
        assertThat(Footprint.predict(pairs, openSora, Generation.of(30), sizes).bytesHeld())
                .isEqualTo(112 * activation);
    }

    static List<String> policies() {
        return Policies.names().stream().filter(name -> !name.equals("steps")).toList();
    }

    /** What a rule computes depends on the video; what is predicted is at least what is held. */
    @ParameterizedTest
    @MethodSource("policies")
    void isEnoughForEveryPolicy(String name) {
        CachePolicy policy = ModelConstants.policy(name);
        Footprint predicted = predict(policy, Layouts.openSora(3), Generation.SINGLE_BRANCH);
        CacheStats stats = run(policy, Layouts.openSora(3));
        assertThat(predicted.bytesHeld()).isGreaterThanOrEqualTo(stats.bytesHeld());
        assertThat(predicted.bytesPeak()).isGreaterThanOrEqualTo(stats.bytesPeak());
    }
}
