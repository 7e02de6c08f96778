package io.adacache;

import io.adacache.layout.Layout.Granularity;
import io.adacache.layout.ResidualKind;
import io.adacache.metric.Metric;
import io.adacache.policy.CachePolicy;
import io.adacache.testkit.CachePolicyKit;
import java.util.List;
import org.junit.jupiter.api.Nested;

class AdaCacheTest {
    @Nested
    class Fast extends CachePolicyKit {
        @Override
        protected CachePolicy policy(int steps) {
            return AdaCache.fast();
        }
    }

    @Nested
    class SlowPairsWithMotion extends CachePolicyKit {
        @Override
        protected CachePolicy policy(int steps) {
            return AdaCache.slow().withMotionRegularization().toBuilder()
                    .granularity(Granularity.PAIRS)
                    .build();
        }
    }

    @Nested
    class CrossAttentionAndMlpAtSeveralPlacesInL2 extends CachePolicyKit {
        @Override
        protected CachePolicy policy(int steps) {
            return AdaCache.medium().toBuilder()
                    .metric(Metric.L2)
                    .residuals(ResidualKind.CROSS_ATTENTION, ResidualKind.MLP)
                    .locations("start", "end")
                    .build();
        }
    }

    @Nested
    class OwnSchedulesOfAttentionOnly extends CachePolicyKit {
        @Override
        protected CachePolicy policy(int steps) {
            return AdaCache.fast().toBuilder()
                    .ownSchedules()
                    .only(site -> site.kind().isSelfAttention())
                    .build();
        }
    }

    @Nested
    class ReferenceExactWithMotion extends CachePolicyKit {
        @Override
        protected CachePolicy policy(int steps) {
            return AdaCache.fast().withMotionRegularization().toBuilder()
                    .referenceExact(List.of(0.3))
                    .build();
        }
    }
}
