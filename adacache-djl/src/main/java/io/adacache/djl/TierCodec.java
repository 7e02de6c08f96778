package io.adacache.djl;

import io.adacache.Policies;
import io.adacache.djl.Manifest.Tier;
import io.adacache.djl.manifest.Fields;
import io.adacache.djl.manifest.ManifestException;
import io.adacache.policy.Generation.Scope;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Tiers as JSON: the same in a manifest and in the small file beside a model. Reading is strict. */
final class TierCodec {
    private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9-]{0,39}");
    private static final int MAX_STEPS = 1_000_000;
    private static final int MAX_BRANCHES = 100;

    private TierCodec() {}

    /** Throws {@link IllegalArgumentException} if a tier cannot be called so. */
    static void checkName(String name) {
        if (name.equals(Tier.LOSSLESS)) {
            throw new IllegalArgumentException(
                    "The tier '" + name + "' is the plain model, always; choose another name");
        }
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    "A tier's name is small letters, digits and '-', as high, balanced or fast, but got '" + name
                            + "'");
        }
        if (isPolicy(name)) {
            throw new IllegalArgumentException("'" + name + "' is a policy already; choose another name for the tier");
        }
    }

    private static boolean isPolicy(String name) {
        try {
            Policies.parse(name);
            return true;
        } catch (IllegalArgumentException e) {
            return Policies.names().contains(name);
        }
    }

    static Map<String, Tier> read(Fields json) {
        Map<String, Tier> tiers = new LinkedHashMap<>();
        for (String name : json.names()) {
            try {
                checkName(name);
            } catch (IllegalArgumentException e) {
                throw new ManifestException("has a tier with a wrong name: " + e.getMessage());
            }
            tiers.put(name, tier(json.object(name)));
        }
        return Collections.unmodifiableMap(tiers);
    }

    private static Tier tier(Fields json) {
        Map<String, Double> figures = new LinkedHashMap<>();
        Fields found = json.objectOrEmpty("figures");
        found.names().forEach(name -> figures.put(name, found.amount(name)));
        return new Tier(json.text("policy"), scope(json.objectOrEmpty("scope")), figures);
    }

    private static Scope scope(Fields json) {
        Map<String, String> facts = new LinkedHashMap<>();
        Fields known = json.objectOrEmpty("facts");
        known.names().forEach(name -> facts.put(name, known.text(name)));
        return new Scope(
                json.has("steps") ? json.count("steps", 0, MAX_STEPS) : 0,
                json.amounts("timesteps"),
                json.has("branches") ? json.count("branches", 0, MAX_BRANCHES) : 0,
                json.has("size") ? json.text("size") : "",
                facts);
    }

    static Map<String, @Nullable Object> write(Tier tier) {
        Scope scope = tier.scope();
        Map<String, @Nullable Object> fitted = new LinkedHashMap<>();
        if (scope.steps() > 0) {
            fitted.put("steps", (long) scope.steps());
        }
        if (!scope.timesteps().isEmpty()) {
            fitted.put("timesteps", scope.timesteps());
        }
        if (scope.branches() > 0) {
            fitted.put("branches", (long) scope.branches());
        }
        if (!scope.size().isEmpty()) {
            fitted.put("size", scope.size());
        }
        fitted.put("facts", new LinkedHashMap<>(scope.facts()));
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("policy", tier.policy());
        json.put("scope", fitted);
        json.put("figures", new LinkedHashMap<>(tier.figures()));
        return json;
    }
}
