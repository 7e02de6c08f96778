package io.adacache.bench.batch;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One clip that is wanted.
 *
 * @param id names its files
 * @param prompt what it shows; null where a conditioning file says it
 * @param conditioning an {@code .npz}; null where there is a prompt
 * @param seed of the noise
 * @param steps of the sampler; null for the model's
 * @param frames latent frames; null for the model's
 * @param height latent rows; null for the model's
 * @param width latent columns; null for the model's
 * @param policy name of a policy or of one of the model's tiers; null for that of the run
 */
public record Job(
        String id,
        @Nullable String prompt,
        @Nullable Path conditioning,
        long seed,
        @Nullable Integer steps,
        @Nullable Integer frames,
        @Nullable Integer height,
        @Nullable Integer width,
        @Nullable String policy) {
    private static final Pattern ID = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9._-]{0,99}");
    private static final Set<String> FIELDS =
            Set.of("id", "prompt", "conditioning", "seed", "steps", "frames", "height", "width", "policy", "tier");
    private static final int MOST = 100_000;

    /**
     * Reads one.
     *
     * @param folder that relative names of files begin from
     * @throws IllegalArgumentException if a field is missing, unknown or of the wrong kind; the message names it
     */
    static Job of(JsonNode json, Path folder) {
        if (!json.isObject()) {
            throw new IllegalArgumentException("a job is an object, {\"id\": ..., \"prompt\": ...}");
        }
        for (Iterator<String> names = json.fieldNames(); names.hasNext(); ) {
            String name = names.next();
            if (!FIELDS.contains(name)) {
                throw new IllegalArgumentException("unknown field '" + name + "'; known: "
                        + FIELDS.stream().sorted().toList());
            }
        }
        String id = text(json, "id");
        if (id == null || !ID.matcher(id).matches()) {
            throw new IllegalArgumentException(
                    "'id' names files: 1 to 100 letters, digits, dots, hyphens and underscores, not a dot first, but got '"
                            + id + "'");
        }
        String prompt = text(json, "prompt");
        String conditioning = text(json, "conditioning");
        if ((prompt == null) == (conditioning == null)) {
            throw new IllegalArgumentException("job '" + id + "' needs 'prompt' or 'conditioning', one of the two");
        }
        if (json.has("policy") && json.has("tier")) {
            throw new IllegalArgumentException("job '" + id + "' has 'policy' and 'tier'; give one");
        }
        return new Job(
                id,
                prompt,
                conditioning == null ? null : folder.resolve(conditioning),
                seed(json),
                number(json, "steps"),
                number(json, "frames"),
                number(json, "height"),
                number(json, "width"),
                json.has("tier") ? text(json, "tier") : text(json, "policy"));
    }

    private static @Nullable String text(JsonNode json, String name) {
        JsonNode value = json.get(name);
        if (value == null) {
            return null;
        }
        if (!value.isTextual() || value.textValue().isBlank()) {
            throw new IllegalArgumentException("'" + name + "' is a text, but got " + value);
        }
        return value.textValue();
    }

    private static long seed(JsonNode json) {
        JsonNode value = json.get("seed");
        if (value == null) {
            return 1;
        }
        if (!value.canConvertToExactIntegral() || !value.canConvertToLong()) {
            throw new IllegalArgumentException("'seed' is a whole number, but got " + value);
        }
        return value.longValue();
    }

    private static @Nullable Integer number(JsonNode json, String name) {
        JsonNode value = json.get(name);
        if (value == null) {
            return null;
        }
        if (!value.canConvertToExactIntegral() || value.longValue() < 1 || value.longValue() > MOST) {
            throw new IllegalArgumentException(
                    "'" + name + "' is a whole number from 1 to " + MOST + ", but got " + value);
        }
        return value.intValue();
    }
}
