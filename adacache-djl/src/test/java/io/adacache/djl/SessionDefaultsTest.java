package io.adacache.djl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.adacache.CacheSession;
import io.adacache.CacheSession.Admission;
import io.adacache.Footprint;
import io.adacache.event.CacheListener;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;

/** Listeners and admission of a model reach its sessions, however they are begun. */
class SessionDefaultsTest {
    @Test
    void aListenerOfTheModelHearsOfEverySession() throws Exception {
        List<String> begun = new ArrayList<>();
        try (TorchScriptTransformer model = TestModels.load(TestModels.SMALL)) {
            model.listen(new CacheListener() {
                @Override
                public void onBegin(SessionInfo session) {
                    begun.add(session.policy());
                }
            });
            model.begin("none", 1).close();
            model.session().policy("every-2").steps(4).begin().close();
            try (CachingPredictor predictor = model.newPredictor()) {
                predictor.begin("every-3", 6).close();
            }
        }
        assertThat(begun).containsExactly("none", "every:n=2", "every:n=3");
    }

    @Test
    void aModelTakesSoManySessionsAndWarmingUpIsNotOne() {
        try (TorchScriptTransformer model = TestModels.load(TestModels.SMALL);
                NDManager manager = model.newManager()) {
            model.admission(new Admission(1, Long.MAX_VALUE, 0, Duration.ZERO));
            try (CacheSession<NDArray> only = model.begin("none", 1)) {
                assertThat(only.isClosed()).isFalse();
                assertThatThrownBy(() -> model.begin("none", 1)).isInstanceOf(RejectedExecutionException.class);
                model.warmUp(TestModels.inputs(TestModels.SMALL, manager, 1));
            }
            model.begin("none", 1).close();
            assertThat(model.close(Duration.ZERO)).isEmpty();
        }
    }

    @Test
    void bytesAreThoseThatTheModelPredicts() {
        try (TorchScriptTransformer model = TestModels.load(TestModels.SMALL);
                NDManager manager = model.newManager()) {
            Footprint footprint = model.footprint("every-2", 4, TestModels.inputs(TestModels.SMALL, manager, 1));
            Admission admission = new Admission(Integer.MAX_VALUE, 2 * footprint.bytesPeak(), 0, Duration.ZERO);
            model.admission(admission);
            CacheSession.Builder<NDArray> builder =
                    model.session().policy("every-2").steps(4).reserve(footprint);
            try (CacheSession<NDArray> one = builder.begin();
                    CacheSession<NDArray> two = builder.begin()) {
                assertThat(List.of(one, two)).doesNotHaveDuplicates();
                assertThat(admission.bytes()).isEqualTo(2 * footprint.bytesPeak());
                assertThatThrownBy(builder::begin)
                        .isInstanceOf(RejectedExecutionException.class)
                        .hasMessageContaining("bytes");
            }
            assertThat(admission.bytes()).isZero();
        }
    }
}
