package io.adacache;

import io.adacache.layout.Layout;
import io.adacache.policy.CachePolicy;
import io.adacache.testkit.FloatTensor;
import io.adacache.testkit.Layouts;
import io.adacache.testkit.LinearHarness;
import io.adacache.testkit.LinearTransformer;
import io.adacache.testkit.ModelConstants;
import io.adacache.testkit.ModelHarness;
import io.adacache.testkit.SessionKit;
import java.util.List;
import java.util.Map;
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

    @Nested
    class UnderEveryPolicyThereIs extends SessionKit<FloatTensor> {
        /** Those whose defaults do not do for six steps. */
        private static final Map<String, String> TEXTS = Map.of(
                "steps",
                "steps:1;3",
                "even",
                "even-3",
                "tgate",
                "tgate:gate=3",
                "delta-dit",
                "delta-dit:gate=4,front=1");

        @Override
        protected ModelHarness<FloatTensor> harness() {
            return new LinearHarness(LinearTransformer.of(Layouts.openSora(2), 2, 4, 0));
        }

        @Override
        protected List<CachePolicy> policies() {
            return Policies.names().stream()
                    .map(name -> ModelConstants.policy(TEXTS.getOrDefault(name, name)))
                    .toList();
        }
    }
}
