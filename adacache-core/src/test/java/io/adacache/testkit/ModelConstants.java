package io.adacache.testkit;

import io.adacache.Policies;
import io.adacache.policy.CachePolicy;
import java.util.Map;

/** Constants of a model, for policies that need some: Open-Sora's of 1.2, as a model file would carry them. */
public final class ModelConstants {
    /** By policy, as a manifest has them. */
    public static final Map<String, Map<String, String>> OPEN_SORA = Map.of(
            "pab",
            Map.of("window", "450-930", "mlp", "676;788;864", "mlp-blocks", "0-4", "timestep-dtype", "bf16"),
            "tgate",
            Map.of("gate", "12"),
            "delta-dit",
            Map.of("gate", "25", "front", "1"),
            "teacache",
            Map.of("polynomial", "2.17546007e+02;-1.18329252e+02;2.68662585e+01;-4.59364272e-02;4.84426240e-02"),
            "magcache",
            Map.of("ratios", "0.966;0.982;0.998;1;0.998;0.998;0.996;1;1;0.998;0.996;1;0.996;0.998;0.996"),
            // Not Open-Sora's: none are published for it.
            "sencache",
            Map.of("alpha-x", "0.2;0.1;0.3", "alpha-t", "0.01;0.005;0.02"));

    private ModelConstants() {}

    /** Returns the policy of a text, with these constants where it says nothing. */
    public static CachePolicy policy(String text) {
        return Policies.parse(text, OPEN_SORA, 1);
    }
}
