package io.adacache.bench.verify;

import com.fasterxml.jackson.databind.JsonNode;
import io.adacache.AdaCache;
import io.adacache.Policies;
import io.adacache.bench.sampler.Timesteps;
import io.adacache.layout.Layout.Granularity;
import io.adacache.layout.ResidualKind;
import io.adacache.metric.Metric;
import io.adacache.policy.CachePolicy;
import io.adacache.policy.Codebook;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.StreamSupport;

/**
 * The settings of a recorded run, under the names of the published code ({@code stdit3.py} and its configurations). What a
 * recording leaves out has the published default.
 *
 * @param json the recording's {@code config}
 */
record RecordedConfig(JsonNode json) {
    private static final String PUBLISHED_CODEBOOK = "0.03:12;0.05:10;0.07:8;0.09:6;0.11:4;1.00:3";

    int steps() {
        return needed("steps").intValue();
    }

    float guidance() {
        return (float) needed("cfg_scale").doubleValue();
    }

    float height() {
        return (float) needed("height").doubleValue();
    }

    float width() {
        return (float) needed("width").doubleValue();
    }

    boolean caches() {
        return json.path("do_cache").asBoolean(false);
    }

    boolean regularisesMotion() {
        return caches() && json.path("apply_moreg").asBoolean(false);
    }

    float[] timesteps() {
        return json.path("use_timestep_transform").asBoolean(false)
                ? Timesteps.transformed(
                        steps(), height(), width(), needed("num_frames").intValue())
                : Timesteps.linear(steps());
    }

    private JsonNode needed(String name) {
        JsonNode value = json.get(name);
        if (value == null || !value.isNumber()) {
            throw new IllegalArgumentException("The recording's config lacks the number '" + name + "'");
        }
        return value;
    }

    /**
     * Returns the policy that does what the published code did.
     *
     * @param previousMotion what the generation before left behind, per measured place
     */
    CachePolicy policy(Granularity granularity, List<Double> previousMotion) {
        if (!caches()) {
            return Policies.none();
        }
        AdaCache.Builder builder = AdaCache.builder()
                .referenceExact(previousMotion)
                .granularity(granularity)
                .codebook(codebook())
                .metric(json.path("norm_ord").asInt(1) == 2 ? Metric.L2 : Metric.L1)
                .locations(blocks().stream().map(String::valueOf).toArray(String[]::new));
        switch (json.path("cache_res").asText("t-attn")) {
            case "t-attn" -> builder.residuals(ResidualKind.TEMPORAL_ATTENTION);
            case "s-attn" -> builder.residuals(ResidualKind.SPATIAL_ATTENTION);
            case "ca-mlp" -> builder.residuals(ResidualKind.CROSS_ATTENTION, ResidualKind.MLP);
            default ->
                throw new IllegalArgumentException("The recording's config has cache_res '"
                        + json.path("cache_res").asText() + "'; known are t-attn, s-attn and ca-mlp");
        }
        if (regularisesMotion()) {
            motion(builder);
        }
        return builder.build();
    }

    private List<Integer> blocks() {
        return numbers("cache_loc", List.of(13.0)).stream()
                .map(Double::intValue)
                .toList();
    }

    /** A list of pairs, or an object from threshold to rate. */
    private Codebook codebook() {
        JsonNode book = json.path("codebook");
        List<Codebook.Entry> entries = new ArrayList<>();
        if (book.isObject()) {
            book.properties()
                    .forEach(entry -> entries.add(new Codebook.Entry(
                            Double.parseDouble(entry.getKey()), entry.getValue().intValue())));
        } else {
            book.forEach(pair -> entries.add(
                    new Codebook.Entry(pair.path(0).doubleValue(), pair.path(1).intValue())));
        }
        return entries.isEmpty() ? Codebook.parse(PUBLISHED_CODEBOOK) : new Codebook(entries);
    }

    /** The fourth entry of {@code moreg_hyp} is not read by the published code. */
    private void motion(AdaCache.Builder builder) {
        List<Double> constants = numbers("moreg_hyp", List.of(0.385, 8.0, 1.0, 2.0));
        List<Double> window = numbers("moreg_steps", List.of(10.0, 90.0));
        List<Integer> strides = numbers("moreg_strides", List.of(1.0)).stream()
                .map(Double::intValue)
                .toList();
        builder.motion(constants.get(0), constants.get(1))
                .motionDivisor(constants.get(2))
                .motionGradient(json.path("mograd_mul").asDouble(10))
                .motionStrides(strides)
                .motionWindow(window.get(0).intValue(), window.get(1).intValue());
    }

    private List<Double> numbers(String name, List<Double> published) {
        JsonNode list = json.path(name);
        if (!list.isArray()) {
            return published;
        }
        List<Double> numbers = StreamSupport.stream(list.spliterator(), false)
                .map(JsonNode::doubleValue)
                .toList();
        if (numbers.size() < Math.min(published.size(), 3) && !name.equals("cache_loc")) {
            throw new IllegalArgumentException(
                    "The recording's config has too few numbers in '" + name + "': " + numbers);
        }
        return numbers;
    }
}
