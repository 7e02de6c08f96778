package io.adacache.djl;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.adacache.layout.Layout;
import io.adacache.layout.ResidualKind;
import io.adacache.layout.Site;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads {@code adacache.json}. */
final class ManifestReader {
    private ManifestReader() {}

    /**
     * Parses a manifest.
     *
     * @param text JSON
     * @param file name of the model file, for messages
     * @throws ModelFileException if the text is no manifest of this version; the message names what is missing or wrong
     */
    static Manifest read(String text, String file) {
        try {
            JsonObject json = JsonParser.parseString(text).getAsJsonObject();
            checkVersion(json, file);
            return parse(json);
        } catch (MissingField e) {
            throw new ModelFileException(
                    "The manifest of " + file + " lacks '" + e.getMessage()
                            + "'. Export the checkpoint again with adacache_export",
                    e);
        } catch (JsonParseException
                | IllegalStateException
                | UnsupportedOperationException
                | IllegalArgumentException e) {
            throw new ModelFileException(
                    "The manifest of " + file + " cannot be read: " + e.getMessage()
                            + ". Export the checkpoint again with adacache_export",
                    e);
        }
    }

    private static void checkVersion(JsonObject json, String file) {
        int version = field(json, "contract").getAsInt();
        if (version != Manifest.CONTRACT) {
            throw new ModelFileException("The manifest of " + file + " keeps version " + version
                    + " of the contract, this library reads version " + Manifest.CONTRACT
                    + ". Export the checkpoint again with the adacache_export of this release");
        }
    }

    private static Manifest parse(JsonObject json) {
        JsonObject hidden = field(json, "hidden").getAsJsonObject();
        JsonObject patch = field(json, "patch").getAsJsonObject();
        return new Manifest(
                field(json, "family").getAsString(),
                field(json, "name").getAsString(),
                field(json, "dtype").getAsString(),
                field(json, "parameters").getAsLong(),
                field(hidden, "channels").getAsInt(),
                field(hidden, "prefix").getAsString(),
                field(patch, "frames").getAsInt(),
                field(patch, "height").getAsInt(),
                field(patch, "width").getAsInt(),
                inputs(field(json, "inputs").getAsJsonArray()),
                sizes(json),
                prediction(field(json, "prediction").getAsJsonObject()),
                layout(field(json, "sites").getAsJsonArray()),
                guidance(json),
                json.has("steps") ? json.get("steps").getAsInt() : 0,
                flops(json),
                policies(json),
                object(json, "config"),
                object(json, "pipeline"));
    }

    private static List<InputSpec> inputs(JsonArray array) {
        List<InputSpec> inputs = new ArrayList<>();
        for (JsonElement element : array) {
            JsonObject input = element.getAsJsonObject();
            inputs.add(new InputSpec(
                    field(input, "name").getAsString(),
                    field(input, "role").getAsString(),
                    field(input, "dtype").getAsString(),
                    strings(field(input, "shape").getAsJsonArray()),
                    input.has("optional") && input.get("optional").getAsBoolean()));
        }
        if (inputs.stream().noneMatch(input -> input.role().equals("latent"))) {
            throw new MissingField("inputs[role=latent]");
        }
        return inputs;
    }

    private static Manifest.Prediction prediction(JsonObject prediction) {
        JsonArray channels = field(prediction, "channels").getAsJsonArray();
        return new Manifest.Prediction(
                field(prediction, "type").getAsString(),
                strings(field(prediction, "shape").getAsJsonArray()),
                channels.get(0).getAsInt(),
                channels.get(1).getAsInt());
    }

    private static Layout layout(JsonArray array) {
        List<Site> sites = new ArrayList<>();
        for (JsonElement element : array) {
            JsonObject site = element.getAsJsonObject();
            sites.add(new Site(
                    sites.size(),
                    field(site, "block").getAsInt(),
                    ResidualKind.of(field(site, "kind").getAsString())));
        }
        return Layout.of(sites);
    }

    private static Manifest.Guidance guidance(JsonObject json) {
        if (!json.has("guidance") || json.get("guidance").isJsonNull()) {
            return Manifest.Guidance.NONE;
        }
        JsonObject guidance = json.getAsJsonObject("guidance");
        return new Manifest.Guidance(
                field(guidance, "order").getAsString(), field(guidance, "scale").getAsDouble());
    }

    private static Map<String, Integer> sizes(JsonObject json) {
        Map<String, Integer> sizes = new HashMap<>();
        object(json, "sizes")
                .entrySet()
                .forEach(size -> sizes.put(size.getKey(), size.getValue().getAsInt()));
        return sizes;
    }

    private static Map<String, List<Manifest.FlopsTerm>> flops(JsonObject json) {
        Map<String, List<Manifest.FlopsTerm>> flops = new HashMap<>();
        for (Map.Entry<String, JsonElement> kind : object(json, "flops").entrySet()) {
            List<Manifest.FlopsTerm> terms = new ArrayList<>();
            for (JsonElement term : kind.getValue().getAsJsonArray()) {
                JsonObject fields = term.getAsJsonObject();
                terms.add(new Manifest.FlopsTerm(
                        field(fields, "coefficient").getAsDouble(),
                        strings(field(fields, "dimensions").getAsJsonArray())));
            }
            flops.put(kind.getKey(), List.copyOf(terms));
        }
        return flops;
    }

    private static Map<String, Map<String, String>> policies(JsonObject json) {
        Map<String, Map<String, String>> policies = new HashMap<>();
        for (Map.Entry<String, JsonElement> policy : object(json, "policies").entrySet()) {
            Map<String, String> settings = new LinkedHashMap<>();
            policy.getValue()
                    .getAsJsonObject()
                    .entrySet()
                    .forEach(setting ->
                            settings.put(setting.getKey(), setting.getValue().getAsString()));
            policies.put(policy.getKey(), settings);
        }
        return policies;
    }

    private static JsonObject object(JsonObject json, String name) {
        return json.has(name) && json.get(name).isJsonObject() ? json.getAsJsonObject(name) : new JsonObject();
    }

    private static List<String> strings(JsonArray array) {
        List<String> strings = new ArrayList<>();
        array.forEach(element -> strings.add(element.getAsString()));
        return strings;
    }

    private static JsonElement field(JsonObject json, String name) {
        JsonElement value = json.get(name);
        if (value == null || value.isJsonNull()) {
            throw new MissingField(name);
        }
        return value;
    }

    private static final class MissingField extends RuntimeException {
        private static final long serialVersionUID = 1L;

        MissingField(String name) {
            super(name);
        }
    }
}
