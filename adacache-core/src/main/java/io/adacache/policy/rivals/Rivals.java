package io.adacache.policy.rivals;

import io.adacache.policy.PolicyProvider;
import java.util.ArrayList;
import java.util.List;

/** All policies of this package. */
public final class Rivals {
    private Rivals() {}

    /** Returns their providers. */
    public static List<PolicyProvider> providers() {
        List<PolicyProvider> all = new ArrayList<>(
                List.of(Pab.provider(), TGate.provider(), DeltaDit.provider(), Fora.provider(), TeaCache.provider()));
        all.addAll(DbCache.providers());
        all.addAll(List.of(MagCache.provider(), EasyCache.provider(), TaylorSeer.provider()));
        return all;
    }
}
