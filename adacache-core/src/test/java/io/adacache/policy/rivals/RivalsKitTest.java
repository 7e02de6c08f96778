package io.adacache.policy.rivals;

import io.adacache.Policies;
import io.adacache.policy.CachePolicy;
import io.adacache.testkit.CachePolicyKit;
import org.junit.jupiter.api.Nested;

class RivalsKitTest {
    abstract static class OfText extends CachePolicyKit {
        private final String text;

        OfText(String text) {
            this.text = text;
        }

        @Override
        protected CachePolicy policy(int steps) {
            return Policies.parse(text, steps);
        }
    }

    @Nested
    class PabSlow extends OfText {
        PabSlow() {
            super("pab");
        }
    }

    @Nested
    class PabFastLatte extends OfText {
        PabFastLatte() {
            super("pab:fast,model=latte,mlp=900;500,mlp-steps=3,mlp-blocks=0-1;3");
        }
    }

    @Nested
    class TGateKeepingGuidance extends OfText {
        TGateKeepingGuidance() {
            super("tgate");
        }
    }

    @Nested
    class TGateDroppingGuidance extends OfText {
        TGateDroppingGuidance() {
            super("tgate:gate=3,interval=5,interval-after=4,drop=unconditional");
        }
    }

    @Nested
    class DeltaDitWhole extends OfText {
        DeltaDitWhole() {
            super("delta-dit:gate=15,interval=3,front=2,rear=2");
        }
    }

    @Nested
    class ForaOfThree extends OfText {
        ForaOfThree() {
            super("fora:3,mlp=2");
        }
    }

    @Nested
    class TeaCacheIdentity extends OfText {
        TeaCacheIdentity() {
            super("teacache:0.3,model=identity");
        }
    }

    @Nested
    class TeaCachePublished extends OfText {
        TeaCachePublished() {
            super("teacache");
        }
    }

    @Nested
    class FirstBlock extends OfText {
        FirstBlock() {
            super("fbcache:0.2");
        }
    }

    @Nested
    class DualBlock extends OfText {
        DualBlock() {
            super("dbcache:0.3,first=2,last=1,warm-up=3,max-reused=9,max-in-row=2,budget=3");
        }
    }

    @Nested
    class MagCachePublished extends OfText {
        MagCachePublished() {
            super("magcache");
        }
    }

    @Nested
    class EasyCacheOnOpaque extends OfText {
        EasyCacheOnOpaque() {
            super("easycache:0.3");
        }
    }

    @Nested
    class TaylorSecondOrder extends OfText {
        TaylorSecondOrder() {
            super("taylorseer:4,order=2");
        }
    }

    @Nested
    class AdaCacheForecasting extends OfText {
        AdaCacheForecasting() {
            super("adacache-fast-moreg:forecast=2,forecast-damping=0.5,spans=pairs");
        }
    }

    @Nested
    class AdaCachePartly extends OfText {
        AdaCachePartly() {
            super(
                    "adacache-slow:forecast=1,only=mlp+spatial-attention+joint-attention+temporal-attention,only-blocks=0-1");
        }
    }

    @Nested
    class AdaCacheOwnSchedules extends OfText {
        AdaCacheOwnSchedules() {
            super("adacache-fast-moreg:schedule=own");
        }
    }

    @Nested
    class AdaCacheOwnPairs extends OfText {
        AdaCacheOwnPairs() {
            super("adacache-slow:schedule=own,spans=pairs,only-blocks=0-1,forecast=1");
        }
    }
}
