package io.adacache.bench.inspect;

import io.adacache.Footprint;
import io.adacache.bench.pipeline.FlopTerms;
import io.adacache.djl.Manifest;
import io.adacache.djl.PublishedModels;
import io.adacache.layout.ResidualKind;
import io.adacache.layout.TokenGrid;
import io.adacache.policy.CachePolicy;
import io.adacache.policy.Generation;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Figures of one call and one generation, from the manifest alone. Immutable.
 *
 * @param manifest the model's
 * @param named sizes by name, before patching: batch, frames, height, width, text
 */
public record Inspection(Manifest manifest, Map<String, Long> named) {
    /** Adds the sizes that the file has fixed, and copies. */
    public Inspection {
        Map<String, Long> all = new HashMap<>(named);
        manifest.sizes().forEach((name, size) -> all.putIfAbsent(name, size.longValue()));
        named = Map.copyOf(all);
    }

    /**
     * Floating point operations of a part of the model, a multiply-add counting 2.
     *
     * @param part residual kind, {@code embed} or {@code head}
     * @param sites how many sites there are of it, 1 for embed and head
     * @param each of one site
     */
    public record Part(String part, int sites, double each) {
        /** Returns the operations of all sites. */
        public double all() {
            return sites * each;
        }
    }

    /**
     * What a policy holds.
     *
     * @param policy as text
     * @param footprint bytes, or null where the policy does not work with this model
     * @param problem why not, or null
     */
    public record Held(
            String policy,
            @Nullable Footprint footprint,
            @Nullable String problem) {}

    /** Returns the bytes of the weights. */
    public static long weightBytes(Manifest manifest) {
        return manifest.parameters() * manifest.bytesPerElement();
    }

    /** Returns how the tokens of a call lie. */
    public TokenGrid grid() {
        return manifest.grid(named);
    }

    /** Returns the operations of a computed call by part, in the order of the model; none where the manifest does not say. */
    public List<Part> operations() {
        FlopTerms flops = new FlopTerms(manifest);
        List<Part> parts = new ArrayList<>();
        if (flops.isEmpty()) {
            return parts;
        }
        parts.add(new Part("embed", 1, flops.of("embed", named)));
        for (ResidualKind kind : ResidualKind.values()) {
            int sites = manifest.layout().sitesOf(kind).size();
            if (sites > 0) {
                parts.add(new Part(kind.id(), sites, flops.of(kind.id(), named)));
            }
        }
        parts.add(new Part("head", 1, flops.of("head", named)));
        return parts;
    }

    /** Returns the sizes of a generation's tensors. */
    public Footprint.Sizes sizes() {
        return manifest.tensorSizes(named);
    }

    /**
     * Returns what a policy holds over a generation.
     *
     * @param text the policy as text
     * @param calls calls of the model
     */
    public Held held(String text, int calls) {
        try {
            CachePolicy policy = PublishedModels.policy(text, calls, manifest.family(), manifest.policies());
            return new Held(text, Footprint.predict(policy, manifest.layout(), Generation.of(calls), sizes()), null);
        } catch (IllegalArgumentException e) {
            return new Held(text, null, e.getMessage());
        }
    }
}
