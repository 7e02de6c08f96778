package io.adacache.djl.instrument;

import ai.djl.ndarray.NDList;
import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.adacache.djl.instrument.graph.Spine;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Puts what was learned into {@code adacache.json}. */
final class ManifestWriter {
    private static final Gson GSON = new GsonBuilder().setPrettyPrinting().create();

    private final InstrumentOptions options;
    private final StartFacts facts;
    private final CallDimensions dimensions;

    ManifestWriter(InstrumentOptions options, StartFacts facts, CallDimensions dimensions) {
        this.options = options;
        this.facts = facts;
        this.dimensions = dimensions;
    }

    String write(
            Spine spine,
            Weights weights,
            NDList inputs,
            long[] prediction,
            int channels,
            List<Site> sites,
            Map<String, Integer> fixed) {
        JsonObject json = new JsonObject();
        json.addProperty("contract", 1);
        json.addProperty("family", String.valueOf(options.manifest().getOrDefault("family", "instrumented")));
        json.addProperty("name", String.valueOf(options.manifest().getOrDefault("name", weights.rootName())));
        JsonObject exporter = new JsonObject();
        exporter.addProperty("name", "adacache-instrument");
        exporter.addProperty("version", "0.1.0");
        json.add("exporter", exporter);
        json.addProperty("dtype", weights.dtype());
        json.addProperty("parameters", weights.count());
        JsonObject hidden = new JsonObject();
        hidden.addProperty("channels", channels);
        long text = dimensions.sizes().getOrDefault("text", -1L);
        if (facts.prefix() > 0 && facts.prefix() == text) {
            hidden.addProperty("prefix", "text");
        } else {
            hidden.addProperty("prefix", facts.prefix());
        }
        json.add("hidden", hidden);
        JsonObject patch = new JsonObject();
        patch.addProperty("frames", facts.patch()[0]);
        patch.addProperty("height", facts.patch()[1]);
        patch.addProperty("width", facts.patch()[2]);
        json.add("patch", patch);
        json.add("inputs", inputs(spine, inputs));
        json.add("sizes", GSON.toJsonTree(new java.util.TreeMap<>(fixed)));
        json.add("prediction", prediction(prediction));
        json.add("sites", sites(sites));
        for (String key : List.of("steps", "guidance")) {
            if (options.manifest().containsKey(key)) {
                json.add(key, GSON.toJsonTree(options.manifest().get(key)));
            }
        }
        return ascii(GSON.toJson(json));
    }

    private JsonArray inputs(Spine spine, NDList inputs) {
        JsonArray array = new JsonArray();
        for (int i = 0; i < inputs.size(); i++) {
            JsonObject input = new JsonObject();
            input.addProperty("name", spine.inputs().get(i));
            input.addProperty("role", dimensions.roles().get(i));
            input.addProperty("dtype", inputs.get(i).getDataType().name().toLowerCase(Locale.ROOT));
            input.add("shape", shape(dimensions.shapes().get(i)));
            array.add(input);
        }
        return array;
    }

    private static JsonArray shape(List<String> names) {
        JsonArray array = new JsonArray();
        for (String name : names) {
            if (name.matches("[0-9]+")) {
                array.add(Long.parseLong(name));
            } else {
                array.add(name);
            }
        }
        return array;
    }

    private JsonObject prediction(long[] shape) {
        List<String> latent = dimensions.shapes().get(facts.latent());
        int channelAxis = facts.axis("channels");
        JsonArray names = new JsonArray();
        for (int i = 0; i < shape.length; i++) {
            boolean named = shape.length == latent.size()
                    && i != channelAxis
                    && dimensions.sizes().getOrDefault(latent.get(i), -1L) == shape[i];
            if (named) {
                names.add(latent.get(i));
            } else {
                names.add(shape[i]);
            }
        }
        long out = shape.length == latent.size() ? shape[channelAxis] : Long.parseLong(latent.get(channelAxis));
        JsonArray channels = new JsonArray();
        channels.add(0);
        channels.add(Math.min(out, Long.parseLong(latent.get(channelAxis))));
        JsonObject prediction = new JsonObject();
        prediction.addProperty("type", options.predictionType());
        prediction.add("shape", names);
        prediction.add("channels", channels);
        return prediction;
    }

    private static JsonArray sites(List<Site> sites) {
        JsonArray array = new JsonArray();
        for (Site site : sites) {
            JsonObject entry = new JsonObject();
            entry.addProperty("block", site.block());
            entry.addProperty("kind", site.kind());
            array.add(entry);
        }
        return array;
    }

    private static String ascii(String text) {
        StringBuilder out = new StringBuilder();
        text.chars().forEach(c -> out.append(c < 127 ? String.valueOf((char) c) : String.format("\\u%04x", c)));
        return out.toString();
    }
}
