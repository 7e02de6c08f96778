package io.adacache.bench.pipeline;

import io.adacache.djl.Manifest;
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a manifest says of how its model is sampled beside steps and guidance (its object {@code sampling}).
 *
 * @param sampler a name of {@link Recipe#SAMPLERS}; null where it says nothing
 * @param shift of the noise levels of a flow sampler; 1 where it says nothing
 * @param calls how guidance is called
 */
public record Sampling(@Nullable String sampler, float shift, GuidanceMode calls) {
    /**
     * Reads it.
     *
     * @throws IllegalArgumentException if a value is of the wrong kind
     */
    public static Sampling of(Manifest manifest) {
        Map<?, ?> json = manifest.details().get("sampling") instanceof Map<?, ?> given ? given : Map.of();
        Object sampler = json.get("sampler");
        Object shift = json.get("shift");
        if (sampler != null && !(sampler instanceof String)) {
            throw wrong(manifest, "sampler", sampler, "a name");
        }
        if (shift != null && !(shift instanceof Number number && number.doubleValue() > 0)) {
            throw wrong(manifest, "shift", shift, "a number above 0");
        }
        return new Sampling(
                (String) sampler,
                shift == null ? 1 : ((Number) shift).floatValue(),
                calls(manifest, json.get("guidance-calls")));
    }

    private static GuidanceMode calls(Manifest manifest, @Nullable Object name) {
        if (name == null) {
            return GuidanceMode.BATCHED;
        }
        return Arrays.stream(GuidanceMode.values())
                .filter(mode -> mode.toString().equals(name))
                .findFirst()
                .orElseThrow(() ->
                        wrong(manifest, "guidance-calls", name, "one of " + Arrays.toString(GuidanceMode.values())));
    }

    private static IllegalArgumentException wrong(Manifest manifest, String field, Object value, String expected) {
        return new IllegalArgumentException("The manifest of '" + manifest.name() + "' has sampling." + field + " '"
                + value + "'; expected " + expected);
    }
}
