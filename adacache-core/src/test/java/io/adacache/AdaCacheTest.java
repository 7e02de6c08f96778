package io.adacache;

import io.adacache.policy.CachePolicy;
import io.adacache.testkit.CachePolicyKit;
import org.junit.jupiter.api.Nested;

class AdaCacheTest {
    @Nested
    class Fast extends CachePolicyKit {
        @Override
        protected CachePolicy policy(int steps) {
            return AdaCache.fast(steps);
        }
    }

    @Nested
    class SlowPairsWithMotion extends CachePolicyKit {
        @Override
        protected CachePolicy policy(int steps) {
            return AdaCache.slow(steps).withMotionRegularization(steps).toBuilder()
                    .granularity(Granularity.PAIRS)
                    .build();
        }
    }
}
