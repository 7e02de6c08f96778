package io.adacache.adaptive;

import io.adacache.Policies;
import io.adacache.policy.CachePolicy;
import io.adacache.testkit.CachePolicyKit;
import org.junit.jupiter.api.Nested;

class PlusKitTest {
    abstract static class OfText extends CachePolicyKit {
        private final String text;

        OfText(String text) {
            this.text = text;
        }

        @Override
        protected CachePolicy policy(int steps) {
            return Policies.parse("adacache-plus:" + text);
        }
    }

    @Nested
    class Quality extends OfText {
        Quality() {
            super("quality=0.1");
        }
    }

    @Nested
    class Calls extends OfText {
        Calls() {
            super("calls=12");
        }

        /** A budget: it computes until nothing is left of it. */
        @Override
        protected boolean computesWithoutNumbers() {
            return false;
        }
    }

    @Nested
    class Watching extends OfText {
        Watching() {
            super("quality=0.5,watch=1.2");
        }
    }

    @Nested
    class Quadratic extends OfText {
        Quadratic() {
            super("quality=0.5,forecast=2");
        }
    }

    @Nested
    class WholeCalls extends OfText {
        WholeCalls() {
            super("calls=7,unit=call,forecast=2");
        }

        /** A budget: it computes until nothing is left of it. */
        @Override
        protected boolean computesWithoutNumbers() {
            return false;
        }
    }

    @Nested
    class OfACodebook extends OfText {
        OfACodebook() {
            super("codebook=0.1:4;0.3:2;1:1,forecast=0");
        }
    }

    @Nested
    class MeasuredProfile extends OfText {
        MeasuredProfile() {
            super("quality=0.2,profile=3;1;1;2");
        }
    }
}
