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
                TeaCache.provider(),
                DbCache.firstBlock(),
                DbCache.dualBlock(),
                MagCache.provider(),
                EasyCache.provider(),
                TaylorSeer.provider());
    }
}
