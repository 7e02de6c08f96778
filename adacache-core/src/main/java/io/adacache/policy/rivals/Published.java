package io.adacache.policy.rivals;

import io.adacache.policy.Setting;
import io.adacache.policy.Settings;

/** The models for which most methods have published constants. */
enum Published {
    /** Open-Sora 1.2, 30 steps of rectified flow. */
    OPEN_SORA,
    /** Open-Sora-Plan 1.1, 150 steps of PNDM (159 calls). */
    OPEN_SORA_PLAN,
    /** Latte, 50 steps of DDIM. */
    LATTE;

    private static final int LATTE_FROM = 40;
    private static final int OPEN_SORA_PLAN_FROM = 100;

    static Setting setting() {
        return Setting.unset(
                "model",
                "whose constants: open-sora (default up to 39 steps), latte (40 to 99), open-sora-plan (from 100)");
    }

    static Published of(Settings settings) {
        if (settings.isGiven("model")) {
            return settings.choice("model", Published.class);
        }
        int steps = settings.steps();
        return steps < LATTE_FROM ? OPEN_SORA : steps < OPEN_SORA_PLAN_FROM ? LATTE : OPEN_SORA_PLAN;
    }

    /** Returns the value for this model. */
    <V> V choose(V openSora, V openSoraPlan, V latte) {
        return this == OPEN_SORA ? openSora : this == LATTE ? latte : openSoraPlan;
    }
}
