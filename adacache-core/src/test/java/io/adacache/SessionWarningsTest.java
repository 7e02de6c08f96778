package io.adacache;

import static org.assertj.core.api.Assertions.assertThat;

import io.adacache.testkit.FloatTensor;
import io.adacache.testkit.Layouts;
import io.adacache.testkit.LinearTransformer;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Settings that do not fit the model are noticed when the generation is complete. */
class SessionWarningsTest {
    private static final int STEPS = 20;

    /** Warnings of a generation whose latent grows by so much of itself in each step. */
    private static List<String> warnings(String policy, double growth) {
        LinearTransformer model = LinearTransformer.of(Layouts.joint(2));
        try (CacheSession<FloatTensor> session = CacheSession.builder(model)
                .policy(Policies.parse(policy))
                .steps(STEPS)
                .begin()) {
            for (int step = 0; step < STEPS; step++) {
                float[] latent = new float[16];
                Arrays.fill(latent, (float) Math.pow(1 + growth, step));
                session.step(List.of(
                        model.ops().tensor(latent, 1, 2, 2, 2, 2), model.ops().tensor(new float[] {500}, 1)));
            }
            return session.stats().warnings();
        }
    }

    @Test
    void aPolicyThatNeverReused() {
        assertThat(warnings("fbcache:0.000001", 0.2)).anySatisfy(warning -> assertThat(warning)
                .startsWith("Nothing was reused in 20 steps; the smallest measurement was")
                .contains("threshold next to it 1.000e-06"));
        assertThat(warnings("none", 0.2)).isEmpty();
    }

    @Test
    void aThresholdFarFromEverything() {
        assertThat(warnings("fbcache:1000", 0.2))
                .singleElement()
                .asString()
                .startsWith("The nearest threshold is 1000, and")
                .contains("far below");
        assertThat(warnings("adacache:codebook=1e-6:3;1:2", 0.2))
                .singleElement()
                .asString()
                .contains("far above");
    }

    @Test
    void aThresholdOnACliff() {
        assertThat(warnings("teacache:0.102,polynomial=1;0", 0.1))
                .singleElement()
                .asString()
                .contains("measurements came within 5 % of a threshold");
    }

    @Test
    void settingsThatFitAreNoWarning() {
        assertThat(warnings("teacache:0.25,polynomial=1;0", 0.1)).isEmpty();
    }
}
