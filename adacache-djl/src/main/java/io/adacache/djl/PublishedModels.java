package io.adacache.djl;

import io.adacache.Policies;
import io.adacache.djl.manifest.PlainJson;
import io.adacache.policy.CachePolicy;
import io.adacache.policy.Generation.Scope;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Published settings of model families: TeaCache's polynomials, PAB's windows and the like. They belong to the models, so they are
 * data: one resource per family, from which the exporters write manifests too.
 */
public final class PublishedModels {
    private static final String FOLDER = "published/";
    private static final String MODEL = "model";
    private static final String TEACACHE = "teacache";
    private static final String POLYNOMIAL = "polynomial";

    private PublishedModels() {}

    /** Returns the published settings of a family, by policy name as in a manifest; empty for a family that is not known. */
    public static Optional<Map<String, Map<String, String>>> policies(String family) {
        return resource(family).map(PublishedModels::policiesOf);
    }

    private static Optional<Map<String, ?>> resource(String family) {
        if (!family.matches("[a-z0-9][a-z0-9.-]*")) {
            return Optional.empty();
        }
        try (InputStream in = PublishedModels.class.getResourceAsStream(FOLDER + family + ".json")) {
            return in == null
                    ? Optional.empty()
                    : Optional.of(PlainJson.parse(new String(in.readAllBytes(), StandardCharsets.UTF_8)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Map<String, Map<String, String>> policiesOf(Map<String, ?> resource) {
        Map<String, Map<String, String>> policies = new LinkedHashMap<>();
        Objects.requireNonNull((Map<?, ?>) resource.get("policies"), "policies").forEach((policy, settings) -> {
            Map<String, String> texts = new LinkedHashMap<>();
            ((Map<?, ?>) settings).forEach((name, value) -> texts.put((String) name, (String) value));
            policies.put((String) policy, texts);
        });
        return policies;
    }

    /** Returns the names of all families. */
    public static List<String> families() {
        try (InputStream in = PublishedModels.class.getResourceAsStream(FOLDER + "index.txt")) {
            return in == null
                    ? List.of()
                    : new String(in.readAllBytes(), StandardCharsets.UTF_8)
                            .lines()
                            .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Returns the policy that a text describes.
     *
     * @param text may say {@code model=NAME}: the published settings of another family than the model's own
     * @param family of the model; may be unknown
     * @param own settings that the model itself recommends; where it recommends any for a policy, those of its family do not count
     * @throws IllegalArgumentException if there is no such policy, setting or family; the message says what exists
     */
    public static CachePolicy policy(String text, int steps, String family, Map<String, Map<String, String>> own) {
        String[] parts = text.split(":", 2);
        List<String> kept = new ArrayList<>();
        Optional<String> other = Optional.empty();
        for (String setting : parts.length == 1 ? new String[0] : parts[1].split(",", -1)) {
            String[] pair = setting.split("=", 2);
            if (pair.length == 2 && pair[0].trim().equalsIgnoreCase(MODEL)) {
                other = Optional.of(pair[1].trim().toLowerCase(Locale.ROOT));
            } else {
                kept.add(setting);
            }
        }
        String rest = kept.isEmpty() ? parts[0] : parts[0] + ":" + String.join(",", kept);
        Map<String, Map<String, String>> all = new LinkedHashMap<>(
                other.isPresent() ? known(other.get()) : policies(family).orElse(Map.of()));
        if (other.isEmpty()) {
            Set<String> owned =
                    own.keySet().stream().map(PublishedModels::policyOf).collect(Collectors.toSet());
            all.keySet().removeIf(key -> owned.contains(policyOf(key)));
            all.putAll(own);
        }
        CachePolicy policy = Policies.parse(rest, all, steps);
        String source = other.orElse(family);
        boolean published = !own.containsKey(TEACACHE) || other.isPresent();
        return published && takesPolynomial(rest, all) ? withSteps(policy, source) : policy;
    }

    /** Whether a policy is TeaCache with a polynomial that is not the text's own: it was fitted on generations of so many steps. */
    static boolean takesPolynomial(String text, Map<String, Map<String, String>> recommended) {
        return text.trim().toLowerCase(Locale.ROOT).startsWith(TEACACHE)
                && !text.contains(POLYNOMIAL)
                && recommended.getOrDefault(TEACACHE, Map.of()).containsKey(POLYNOMIAL);
    }

    private static CachePolicy withSteps(CachePolicy policy, String family) {
        return resource(family)
                .map(json -> json.get("steps") instanceof Number number ? number.intValue() : 0)
                .filter(published -> published > 0)
                .map(published -> policy.within(Scope.steps(published)))
                .orElse(policy);
    }

    /** Returns whose settings a key holds: of {@code pab:fast@30} those of {@code pab}. */
    private static String policyOf(String key) {
        return key.split("[:@]", 2)[0];
    }

    private static Map<String, Map<String, String>> known(String family) {
        return policies(family)
                .orElseThrow(() -> new IllegalArgumentException(
                        "No settings are published here for a model '" + family + "'; known models: " + families()));
    }
}
