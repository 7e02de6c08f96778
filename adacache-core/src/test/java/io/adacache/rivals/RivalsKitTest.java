package io.adacache.rivals;

import io.adacache.Policies;
import io.adacache.policy.CachePolicy;
import io.adacache.testkit.CachePolicyKit;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Nested;

class RivalsKitTest {
    abstract static class OfText extends CachePolicyKit {
        private final IntFunction<String> text;

        OfText(String text) {
            this(steps -> text);
        }

        /** For settings that mean something in generations of so many steps only. */
        OfText(IntFunction<String> text) {
            this.text = text;
        }

        @Override
        protected CachePolicy policy(int steps) {
            return Made.policy(text.apply(steps));
        }
    }

    abstract static class OfAdaCache extends CachePolicyKit {
        private final String text;

        OfAdaCache(String text) {
            this.text = text;
        }

        @Override
        protected CachePolicy policy(int steps) {
            return Policies.parse(text);
        }
    }

    @Nested
    class PabSlow extends OfText {
        PabSlow() {
            super("pab:" + Made.OPEN_SORA_PAB);
        }
    }

    @Nested
    class PabFastLatte extends OfText {
        PabFastLatte() {
            super("pab:fast,window=100-800,spatial=4,temporal=6,mlp=900;500,mlp-steps=3,mlp-blocks=0-1;3");
        }
    }

    @Nested
    class TGateKeepingGuidance extends OfText {
        TGateKeepingGuidance() {
            super(steps -> "tgate:gate=" + Math.min(12, steps));
        }
    }

    @Nested
    class TGateDroppingGuidance extends OfText {
        TGateDroppingGuidance() {
            super(steps -> steps == 1
                    ? "tgate:gate=1"
                    : "tgate:gate=" + Math.min(3, steps - 1) + ",interval=5,interval-after=4,drop=unconditional");
        }
    }

    @Nested
    class DeltaDitWhole extends OfText {
        DeltaDitWhole() {
            super(steps -> "delta-dit:gate=" + Math.min(15, steps) + ",interval=3,front=2,rear=2");
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
            super("teacache:0.3,polynomial=1;0");
        }
    }

    @Nested
    class TeaCachePublished extends OfText {
        TeaCachePublished() {
            super("teacache:" + Made.OPEN_SORA_POLYNOMIAL);
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
            super(steps -> "dbcache:0.3,first=2,last=1,warm-up=" + Math.min(3, steps - 1)
                    + ",max-reused=9,max-in-row=2,budget=3");
        }
    }

    @Nested
    class MagCacheOfOtherSteps extends OfText {
        MagCacheOfOtherSteps() {
            super("magcache:ratios=0.97;0.98;1;0.99;0.96;1.01;0.98;0.9");
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
    class AdaCacheForecasting extends OfAdaCache {
        AdaCacheForecasting() {
            super("adacache-fast-moreg:forecast=2,forecast-damping=0.5,spans=pairs");
        }
    }

    @Nested
    class AdaCachePartly extends OfAdaCache {
        AdaCachePartly() {
            super(
                    "adacache-slow:forecast=1,only=mlp+spatial-attention+joint-attention+temporal-attention,only-blocks=0-1");
        }
    }

    @Nested
    class AdaCacheOwnSchedules extends OfAdaCache {
        AdaCacheOwnSchedules() {
            super("adacache-fast-moreg:schedule=own");
        }
    }

    @Nested
    class AdaCacheOwnPairs extends OfAdaCache {
        AdaCacheOwnPairs() {
            super("adacache-slow:schedule=own,spans=pairs,only-blocks=0-1,forecast=1");
        }
    }

    @Nested
    class SpectrumGrowing extends OfText {
        SpectrumGrowing() {
            super("spectrum:0.75");
        }
    }

    @Nested
    class SpectrumFast extends OfText {
        SpectrumFast() {
            super("spectrum:growth=3,order=2,blend=1,history=3");
        }
    }

    @Nested
    class MeanCacheOfTen extends OfText {
        MeanCacheOfTen() {
            super("meancache:10");
        }
    }

    @Nested
    class MeanCacheOfAWideWindow extends OfText {
        MeanCacheOfAWideWindow() {
            super("meancache:calls=25,window=5");
        }
    }

    @Nested
    class SenCacheInUse extends OfText {
        SenCacheInUse() {
            super("sencache:threshold=3,alpha-x=0.2;0.4,alpha-t=0.01");
        }
    }

    @Nested
    class SenCacheForecasting extends OfText {
        SenCacheForecasting() {
            super("sencache:threshold=3,alpha-x=0.2,alpha-t=0.01,forecast=1");
        }
    }

    @Nested
    class ForesightOfFourParts extends OfText {
        ForesightOfFourParts() {
            super("foresight");
        }
    }

    @Nested
    class ForesightOften extends OfText {
        ForesightOften() {
            super("foresight:gamma=2,interval=3,parts=9");
        }
    }

    @Nested
    class BwCacheInUse extends OfText {
        BwCacheInUse() {
            super("bwcache:threshold=0.3");
        }
    }

    @Nested
    class BwCacheForecasting extends OfText {
        BwCacheForecasting() {
            super("bwcache:threshold=0.3,forecast=2,forecast-damping=1,forecast-shrink=0.25");
        }
    }

    @Nested
    class EveryForecasting extends OfText {
        EveryForecasting() {
            super("every:n=3,forecast=1");
        }

        /** A schedule, which looks at measures for its forecasts alone. */
        @Override
        protected boolean computesWithoutNumbers() {
            return false;
        }
    }

    @Nested
    class EvenForecastingShrunk extends OfText {
        EvenForecastingShrunk() {
            super("even:steps=1,forecast=2,forecast-shrink=0.25");
        }

        /** A schedule, which looks at measures for its forecasts alone. */
        @Override
        protected boolean computesWithoutNumbers() {
            return false;
        }
    }

    @Nested
    class TeaCacheForecasting extends OfText {
        TeaCacheForecasting() {
            super("teacache:threshold=0.3,polynomial=1;0,forecast=1,forecast-scheme=taylor,forecast-damping=1,bend=2");
        }
    }

    @Nested
    class EasyCacheForecasting extends OfText {
        EasyCacheForecasting() {
            super("easycache:threshold=0.3,forecast=1,bend=1");
        }
    }

    @Nested
    class DbCacheForecasting extends OfText {
        DbCacheForecasting() {
            super("dbcache:threshold=0.3,first=1,forecast=1");
        }
    }

    @Nested
    class MagCacheForecasting extends OfText {
        MagCacheForecasting() {
            super("magcache:threshold=0.12,ratios=0.9;1;0.95,forecast=2");
        }

        /** A schedule, which looks at measures for its forecasts alone. */
        @Override
        protected boolean computesWithoutNumbers() {
            return false;
        }
    }
}
