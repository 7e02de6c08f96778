package io.adacache.policy;

import io.adacache.testkit.CachePolicyKit;
import org.junit.jupiter.api.Nested;

class SchedulesTest {
    @Nested
    class None extends CachePolicyKit {
        @Override
        protected CachePolicy policy(int steps) {
            return Schedules.none();
        }
    }

    @Nested
    class EverySecond extends CachePolicyKit {
        @Override
        protected CachePolicy policy(int steps) {
            return Schedules.every(2);
        }
    }

    @Nested
    class Even extends CachePolicyKit {
        @Override
        protected CachePolicy policy(int steps) {
            return Schedules.even(Math.max(1, steps / 3));
        }
    }
}
