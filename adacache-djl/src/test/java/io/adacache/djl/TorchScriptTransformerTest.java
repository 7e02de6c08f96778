package io.adacache.djl;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.adacache.AdaCache;
import io.adacache.CacheSession;
import io.adacache.CacheStats;
import io.adacache.Policies;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class TorchScriptTransformerTest {
    private static TorchScriptTransformer model;

    @BeforeAll
    static void load() {
        model = TestModels.load(TestModels.OPEN_SORA);
    }

    @AfterAll
    static void close() {
        model.close();
    }

    @Test
    void uncachedStepsEqualForwardBitForBit() {
        try (NDManager manager = model.newManager();
                CacheSession<NDArray> session = model.begin(Policies.none(), 3)) {
            for (int i = 0; i < 3; i++) {
                NDArray plain = model.predict(TestModels.openSora(manager, i, 900 - 100 * i));
                NDArray stepped = session.step(TestModels.openSora(manager, i, 900 - 100 * i));
                assertThat(stepped.toFloatArray()).isEqualTo(plain.toFloatArray());
            }
        }
        assertThat(model.live()).isZero();
    }

    @Test
    void fusedAdaCacheHoldsTwoActivations() {
        CacheStats stats;
        try (NDManager manager = model.newManager();
                CacheSession<NDArray> session = model.begin(AdaCache.fast(), 30)) {
            for (int i = 0; i < 30; i++) {
                session.step(TestModels.openSora(manager, 1, 1000 - 20 * i));
            }
            stats = session.stats();
        }
        assertThat(stats.bytesHeld()).isEqualTo(2L * 2 * 8 * 16 * 64 * Float.BYTES);
        assertThat(stats.reusedSteps()).isPositive();
        assertThat(model.live()).isZero();
    }
}
