package io.adacache.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.adacache.CacheSession;
import io.adacache.layout.Layout;
import io.adacache.policy.CachePolicy;
import io.adacache.spi.Transformer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/**
 * The ground of {@link SessionKit}: what whoever extends it gives, a harness per test, and generations on it.
 *
 * @param <T> the engine's tensor type
 */
abstract class SessionChapter<T> {
    static final int STEPS = 6;
    static final long SEED = 31;
    static final List<Double> TIMESTEPS = List.of(1000.0, 830.0, 660.0, 500.0, 330.0, 160.0);

    ModelHarness<T> harness;
    Transformer<T> model;
    Layout layout;
    long liveBefore;

    /** Returns a fresh harness. */
    protected abstract ModelHarness<T> harness();

    /** Returns the policies that sessions are tried with; by default some that between them use every way of keeping and reusing. */
    protected List<CachePolicy> policies() {
        return new SessionPolicies(layout).all();
    }

    /** Returns at how many moments of a generation, at most, failures and cancellations are tried. */
    protected int moments() {
        return 25;
    }

    /** Whether the model takes calls of more than one size. */
    protected boolean takesOtherSizes() {
        return true;
    }

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

    final void assertLiveAsBefore() {
        assertThat(harness.live()).as("live tensors").isEqualTo(liveBefore);
    }

    CacheSession.Builder<T> session(CachePolicy policy) {
        return CacheSession.builder(model).policy(policy).steps(STEPS).timesteps(TIMESTEPS);
    }

    List<T> inputs(long seed, int step) {
        return harness.inputs(100 * seed + step);
    }

    float[] step(CacheSession<T> session, long seed, int step) {
        List<T> inputs = inputs(seed, step);
        try {
            return take(session.step(inputs));
        } finally {
            harness.freeAll(inputs);
        }
    }

    float[] take(T prediction) {
        float[] values = harness.values(prediction);
        harness.free(prediction);
        return values;
    }

    List<float[]> run(CacheSession<T> session, long seed) {
        List<float[]> predictions = new ArrayList<>();
        for (int step = 1; step <= STEPS; step++) {
            predictions.add(step(session, seed, step));
        }
        return predictions;
    }

    List<float[]> generate(CachePolicy policy, long seed) {
        try (CacheSession<T> session = session(policy).begin()) {
            return run(session, seed);
        }
    }

    float[] plain(long seed, int step) {
        List<T> inputs = inputs(seed, step);
        T prediction = model.forward(inputs);
        float[] values = harness.values(prediction);
        model.ops().release(prediction);
        harness.freeAll(inputs);
        return values;
    }

    static void assertSame(List<float[]> actual, List<float[]> expected) {
        assertThat(actual).hasSameSizeAs(expected);
        for (int i = 0; i < expected.size(); i++) {
            assertThat(actual.get(i)).as("step %d", i + 1).isEqualTo(expected.get(i));
        }
    }
}
