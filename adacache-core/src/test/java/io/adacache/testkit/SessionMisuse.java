package io.adacache.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.adacache.AdaCache;
import io.adacache.CacheSession;
import io.adacache.policy.Generation;
import io.adacache.rivals.Schedules;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Calls that a session refuses. A chapter of {@link SessionKit}.
 *
 * @param <T> the engine's tensor type
 */
abstract class SessionMisuse<T> extends SessionEnds<T> {
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
        assumeTrue(takesOtherSizes());
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
}
