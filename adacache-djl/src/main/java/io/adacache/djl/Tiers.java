package io.adacache.djl;

import io.adacache.djl.Manifest.Tier;
import io.adacache.policy.CachePolicy;
import io.adacache.policy.Generation.Scope;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** What the texts mean that a service asks a model for: its tiers, else policies with the settings that the model recommends. */
final class Tiers {
    private final Map<String, Tier> all;
    private final Optional<Manifest> manifest;

    private Tiers(Map<String, Tier> all, Optional<Manifest> manifest) {
        this.all = all;
        this.manifest = manifest;
    }

    /** Reads the tiers of a model; those in the file beside it go before those in its manifest. */
    static Tiers of(Path file, Optional<Manifest> manifest) {
        Map<String, Tier> all = new LinkedHashMap<>();
        all.put(Tier.LOSSLESS, new Tier("none", new Scope(0, List.of(), 0, "", Map.of()), Map.of("speedup", 1.0)));
        manifest.ifPresent(present -> all.putAll(present.tiers()));
        all.putAll(TierFile.read(file));
        return new Tiers(Collections.unmodifiableMap(all), manifest);
    }

    Map<String, Tier> all() {
        return all;
    }

    CachePolicy policy(String text, int steps) {
        Tier tier = all.get(text.trim().toLowerCase(Locale.ROOT));
        if (tier == null) {
            return parse(text, steps);
        }
        CachePolicy policy = parse(tier.policy(), steps);
        return policy.named(text.trim() + " (" + policy.name() + ")").within(tier.scope());
    }

    private CachePolicy parse(String text, int steps) {
        try {
            Map<String, Map<String, String>> own =
                    manifest.map(Manifest::policies).orElse(Map.of());
            CachePolicy policy = PublishedModels.policy(
                    text, steps, manifest.map(Manifest::family).orElse(""), own);
            int published = manifest.map(Manifest::steps).orElse(0);
            return published > 0 && policy.scope().isEmpty() && PublishedModels.takesPolynomial(text, own)
                    ? policy.within(Scope.steps(published))
                    : policy;
        } catch (IllegalArgumentException e) {
            throw String.valueOf(e.getMessage()).startsWith("Unknown policy")
                    ? new IllegalArgumentException(
                            e.getMessage() + ". Tiers of this model: " + String.join(", ", all.keySet())
                                    + "; 'calibrate --tier NAME' makes one",
                            e)
                    : e;
        }
    }
}
