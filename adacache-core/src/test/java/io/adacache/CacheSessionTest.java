package io.adacache;

import io.adacache.layout.Layout;
import io.adacache.testkit.FloatTensor;
import io.adacache.testkit.Layouts;
import io.adacache.testkit.LinearHarness;
import io.adacache.testkit.LinearTransformer;
import io.adacache.testkit.ModelHarness;
import io.adacache.testkit.SessionKit;
import org.junit.jupiter.api.Nested;

class CacheSessionTest {
    @Nested
    class OnOpenSora extends SessionKit<FloatTensor> {
        @Override
        protected ModelHarness<FloatTensor> harness() {
            return new LinearHarness(Layouts.openSora(2));
        }
    }

    @Nested
    class OnLatteWithPrefixAndVariance extends SessionKit<FloatTensor> {
        @Override
        protected ModelHarness<FloatTensor> harness() {
            return new LinearHarness(LinearTransformer.of(Layouts.latte(2), 2, 4, 3));
        }
    }

    @Nested
    class OnOneSite extends SessionKit<FloatTensor> {
        @Override
        protected ModelHarness<FloatTensor> harness() {
            return new LinearHarness(Layouts.oneSite());
        }
    }

    @Nested
    class OnAnOpaqueModel extends SessionKit<FloatTensor> {
        @Override
        protected ModelHarness<FloatTensor> harness() {
            return new LinearHarness(Layout.opaque());
        }
    }
}
