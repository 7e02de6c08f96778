package io.adacache.policy;

import static org.assertj.core.api.Assertions.assertThat;

import io.adacache.CacheSession;
import io.adacache.Policies;
import io.adacache.layout.TokenGrid;
import io.adacache.policy.Generation.Scope;
import io.adacache.testkit.FloatTensor;
import io.adacache.testkit.Layouts;
import io.adacache.testkit.LinearTransformer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A fit that is used elsewhere says so once; inside its scope never. */
class ScopeTest {
    private static final int STEPS = 30;

    private final LinearTransformer model = LinearTransformer.of(Layouts.openSora(2));

    private static List<Double> levels(int steps, double shift) {
        List<Double> levels = new ArrayList<>();
        for (int step = 0; step < steps; step++) {
            double level = (double) (steps - step) / steps;
            levels.add(1000 * shift * level / (1 + (shift - 1) * level));
        }
        return levels;
    }

    private static Scope fitted() {
        return new Scope(STEPS, levels(STEPS, 1), 1, "3x16", Map.of("sampler", "euler"));
    }

    private List<String> warnings(int steps, double shift, int height, int frames) {
        CachePolicy policy = Policies.parse("every-2").within(fitted());
        try (CacheSession<FloatTensor> session = CacheSession.builder(model)
                .policy(policy)
                .steps(steps)
                .timesteps(levels(steps, shift))
                .begin()) {
            for (int step = 0; step < steps; step++) {
                model.ops().release(session.step(model.inputs(step, 1, frames, height, 4)));
            }
            return session.stats().warnings();
        }
    }

    @Test
    void insideNothingIsSaid() {
        assertThat(warnings(STEPS, 1, 4, 3)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {20, 60, 100})
    void anotherNumberOfSteps(int steps) {
        assertThat(warnings(steps, 1, 4, 3))
                .singleElement()
                .asString()
                .contains("fitted for 30 steps (here " + steps + ")")
                .contains("Calibrate");
    }

    @Test
    void anotherShift() {
        assertThat(warnings(STEPS, 3, 4, 3)).singleElement().asString().contains("noise levels 1000, 966.7");
    }

    @Test
    void anotherResolutionOrLength() {
        assertThat(warnings(STEPS, 1, 6, 3))
                .singleElement()
                .asString()
                .contains("3x16")
                .contains("here 3x24");
        assertThat(warnings(STEPS, 1, 4, 5)).singleElement().asString().contains("here 5x16");
    }

    @Test
    void severalDifferencesAreOneWarning() {
        assertThat(warnings(20, 3, 6, 3)).hasSize(1);
    }

    @Test
    void guidanceInMoreCalls() {
        Generation two = new Generation(STEPS, List.of("a", "b"), levels(STEPS, 1));
        assertThat(fitted().differences(two)).containsExactly("1 call per step (here 2)");
    }

    @Test
    void anotherSamplerDtypeOrGuidance() {
        Scope fitted =
                new Scope(STEPS, List.of(), 0, "", Map.of("sampler", "ddim", "guidance", "batched 7.5", "date", "x"));
        CachePolicy policy = Policies.parse("every-2").within(fitted);
        assertThat(begun(policy, Map.of("sampler", "ddim", "guidance", "batched 7.5", "dtype", "float16")))
                .isEmpty();
        assertThat(begun(policy, Map.of("sampler", "pndm", "guidance", "batched 3.0")))
                .singleElement()
                .asString()
                .contains("sampler ddim (here pndm)")
                .contains("guidance batched 7.5 (here batched 3.0)");
        CachePolicy half =
                Policies.parse("every-2").within(new Scope(STEPS, List.of(), 0, "", Map.of("dtype", "float32")));
        assertThat(begun(half, Map.of("dtype", "bfloat16")))
                .singleElement()
                .asString()
                .contains("dtype float32 (here bfloat16)");
    }

    private List<String> begun(CachePolicy policy, Map<String, String> facts) {
        try (CacheSession<FloatTensor> session = CacheSession.builder(model)
                .policy(policy)
                .steps(STEPS)
                .facts(facts)
                .begin()) {
            model.ops().release(session.step(model.inputs(0, 1, 3, 4, 4)));
            model.ops().release(session.step(model.inputs(1, 1, 3, 4, 4)));
            return session.stats().warnings();
        }
    }

    @Test
    void whatIsNotKnownIsNotHeldAgainstIt() {
        assertThat(Scope.steps(STEPS).differences(Generation.of(STEPS))).isEmpty();
        assertThat(fitted().differences(Generation.of(STEPS))).isEmpty();
        assertThat(fitted().differences(TokenGrid.UNKNOWN)).isEmpty();
    }

    @Test
    void aPolicyKeepsItsScopeUnderAnotherName() {
        CachePolicy policy = Policies.none().within(fitted()).named("fast");
        assertThat(policy.name()).isEqualTo("fast");
        assertThat(policy.scope()).contains(fitted());
    }
}
