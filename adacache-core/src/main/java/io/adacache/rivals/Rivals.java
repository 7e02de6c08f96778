package io.adacache.rivals;

import io.adacache.policy.PolicyProvider;
import java.util.List;

/** The published methods of this package, one line each. */
public final class Rivals {
    private Rivals() {}

    /** Returns their providers. */
    public static List<PolicyProvider> providers() {
        return List.of(
                Pab.provider(),
                TGate.provider(),
                DeltaDit.provider(),
                Fora.provider(),
                Forecasting.optional(TeaCache.provider()),
                Forecasting.optional(DbCache.firstBlock()),
                Forecasting.optional(DbCache.dualBlock()),
                Forecasting.optional(MagCache.provider()),
                Forecasting.optional(EasyCache.provider()),
                TaylorSeer.provider(),
                Spectrum.provider(),
                MeanCache.provider(),
                Forecasting.optional(SenCache.provider()),
                Foresight.provider(),
                Forecasting.optional(BwCache.provider()));
    }
}
