package io.adacache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.adacache.event.Trace.StepRecord;
import io.adacache.layout.Layout;
import io.adacache.layout.Layout.Granularity;
import io.adacache.layout.Part;
import io.adacache.layout.Span;
import io.adacache.metric.Measure;
import io.adacache.metric.Measure.Reference;
import io.adacache.metric.Metric;
import io.adacache.metric.Probe;
import io.adacache.metric.Sums;
import io.adacache.policy.CachePolicy;
import io.adacache.policy.Decision;
import io.adacache.policy.Decision.Reason;
import io.adacache.policy.Figures;
import io.adacache.policy.Generation;
import io.adacache.policy.PolicyRun;
import io.adacache.policy.PolicyRun.StepView;
import io.adacache.spi.Transformer.Embedded;
import io.adacache.testkit.FloatTensor;
import io.adacache.testkit.Layouts;
import io.adacache.testkit.LinearTransformer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiPredicate;
import org.junit.jupiter.api.Test;

/** Which numbers a policy gets to see, and what they were compared with. */
class MeasuresInSessionsTest {
    private static final Layout LAYOUT = Layouts.openSora(1);
    private static final Span FRONT = new Span(0, 3);
    private static final Span REAR = new Span(3, 6);

    private final LinearTransformer model = LinearTransformer.of(LAYOUT);

    /** Halves that are computed as told; remembers every question and what was measured by the end of each step. */
    private static final class Watching implements CachePolicy, PolicyRun {
        final BiPredicate<Span, Integer> computes;
        final List<Measure> measures;
        final List<String> asked = new ArrayList<>();
        final Map<Integer, Map<Measure, Optional<Sums>>> seen = new HashMap<>();

        Watching(BiPredicate<Span, Integer> computes, Measure... measures) {
            this.computes = computes;
            this.measures = List.of(measures);
        }

        @Override
        public String name() {
            return "watching";
        }

        @Override
        public Set<Requirement> requirements() {
            return Set.of(Requirement.SITES);
        }

        @Override
        public PolicyRun begin(Layout layout, Generation generation) {
            return this;
        }

        @Override
        public List<Measure> measures() {
            return measures;
        }

        @Override
        public List<Span> plan(StepView step) {
            asked.add("plan " + step.step());
            return List.of(FRONT, REAR);
        }

        @Override
        public Decision decide(Part span, StepView step) {
            asked.add("decide " + step.step() + (span == FRONT ? " front" : " rear"));
            return computes.test((Span) span, step.step())
                    ? Decision.compute(Reason.SCHEDULE)
                    : Decision.reuse(Reason.SCHEDULE);
        }

        @Override
        public List<Figures> completed(StepView step) {
            asked.add("completed " + step.step());
            Map<Measure, Optional<Sums>> now = new HashMap<>();
            for (Measure measure : measures) {
                now.put(measure, step.distance((Measure.Distance) measure));
            }
            seen.put(step.step(), now);
            return List.of();
        }

        Optional<Double> distance(int step, Measure measure) {
            return seen.get(step).get(measure).map(Metric.L1::distance);
        }
    }

    private void run(CachePolicy policy, int steps, String... branches) {
        try (CacheSession<FloatTensor> session = CacheSession.builder(model)
                .policy(policy)
                .steps(steps)
                .branches(branches)
                .begin()) {
            for (int step = 1; step <= steps; step++) {
                for (String branch : branches) {
                    List<FloatTensor> inputs = model.inputs(step, 1, 2, 1, 2);
                    model.ops().release(session.step(step, branch, inputs));
                    inputs.forEach(model.ops()::release);
                }
            }
        }
        assertThat(model.ops().live()).isZero();
    }

    private static Measure.Distance distance(Reference reference, Integer... sites) {
        return new Measure.Distance(new Probe.Residuals(List.of(sites)), Metric.L1, reference);
    }

    /** The first residual of a step, which does not depend on what was reused before. */
    private FloatTensor firstResidual(int step) {
        List<FloatTensor> inputs = model.inputs(step, 1, 2, 1, 2);
        try (Embedded<FloatTensor> context = model.embed(inputs)) {
            return model.run(FRONT, new int[] {0}, context.hidden(), context).get(1);
        }
    }

    private double between(int now, int then) {
        return Metric.L1.distance(model.ops().distance(Metric.L1, firstResidual(now), firstResidual(then)));
    }

    @Test
    void aDistanceIsFromTheLastTakenOrFromTheLastStepThatWasComputedWhole() {
        Measure.Distance taken = distance(Reference.LAST_TAKEN, 0);
        Measure.Distance whole = distance(Reference.LAST_COMPUTED_STEP, 0);
        Watching policy = new Watching((span, step) -> span == FRONT || step == 1 || step == 4, taken, whole);
        run(policy, 5, "only");
        assertThat(policy.distance(1, taken)).isEmpty();
        assertThat(policy.distance(1, whole)).isEmpty();
        int[] lastTaken = {1, 2, 3, 4};
        int[] lastWhole = {1, 1, 1, 4};
        for (int step = 2; step <= 5; step++) {
            assertThat(policy.distance(step, taken).orElseThrow())
                    .as("last taken, step %d", step)
                    .isCloseTo(between(step, lastTaken[step - 2]), within(1e-9));
            assertThat(policy.distance(step, whole).orElseThrow())
                    .as("last computed, step %d", step)
                    .isCloseTo(between(step, lastWhole[step - 2]), within(1e-9));
        }
    }

    @Test
    void aSumOfResidualsIsTakenOnlyWhereAllOfThemAreComputedInOneStep() {
        Measure.Distance both = distance(Reference.LAST_TAKEN, 0, 3);
        Watching policy = new Watching(
                (span, step) -> switch (step) {
                    case 2 -> span == FRONT;
                    case 3 -> span == REAR;
                    default -> true;
                },
                both);
        run(policy, 5, "only");
        assertThat(policy.distance(1, both)).isEmpty();
        assertThat(policy.distance(2, both)).isEmpty();
        assertThat(policy.distance(3, both)).isEmpty();
        assertThat(policy.distance(4, both)).isPresent();
        assertThat(policy.distance(5, both)).isPresent();
    }

    @Test
    void aPolicyIsAskedOnceForAllBranchesAndSeesAllTheirRows() {
        Measure.Distance first = distance(Reference.LAST_TAKEN, 0);
        Watching policy = new Watching((span, step) -> step != 2, first);
        run(policy, 3, "conditional", "unconditional");
        assertThat(policy.asked)
                .containsExactly(
                        "plan 1",
                        "decide 1 front",
                        "decide 1 rear",
                        "completed 1",
                        "plan 2",
                        "decide 2 front",
                        "decide 2 rear",
                        "completed 2",
                        "plan 3",
                        "decide 3 front",
                        "decide 3 rear",
                        "completed 3");
        assertThat(policy.seen.get(3).get(first).orElseThrow().rows()).isEqualTo(2);
        assertThat(policy.seen.get(2).get(first)).as("nothing was computed").isEmpty();
    }

    @Test
    void aSpanThatAnyBranchHadToComputeCountsAsComputed() {
        Watching policy = new Watching((span, step) -> step == 1);
        try (CacheSession<FloatTensor> session = CacheSession.builder(model)
                .policy(policy)
                .steps(3)
                .branches("a", "b")
                .begin()) {
            List<FloatTensor> inputs = model.inputs(1, 1, 2, 1, 2);
            model.ops().release(session.step(1, "a", inputs));
            model.ops().release(session.step(2, "b", inputs));
            model.ops().release(session.step(2, "a", inputs));
            inputs.forEach(model.ops()::release);
            assertThat(session.trace().computedSteps()).containsExactly(1, 2);
        }
        assertThat(model.ops().live()).isZero();
    }

    @Test
    void thePeakIsThatOfTheStep() {
        LinearTransformer deep = LinearTransformer.of(Layouts.openSora(2));
        AdaCache sites = AdaCache.builder()
                .granularity(Granularity.SITES)
                .codebook(io.adacache.policy.Codebook.parse("1:3"))
                .build();
        long activation = 2L * 3 * 4 * 2 * Float.BYTES;
        try (CacheSession<FloatTensor> session =
                CacheSession.builder(deep).policy(sites).steps(10).begin()) {
            for (int step = 1; step <= 10; step++) {
                deep.ops().release(session.step(deep.inputs(step, 2, 3, 2, 2)));
            }
            for (StepRecord record : session.trace().steps().subList(1, 10)) {
                assertThat(record.bytesPeak() / activation)
                        .as("step %d", record.step())
                        .isEqualTo(record.isComputed() ? 12 + 3 : 12 + 2);
            }
        }
    }
}
