package io.adacache.bench.cost;

import com.fasterxml.jackson.databind.JsonNode;
import io.adacache.bench.files.InputFile;
import io.adacache.bench.files.Json;
import io.adacache.bench.files.Resources;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * A computer that calls are predicted for: one that {@code scale} was fitted to, or a device by its data sheet ({@code machines.json}
 * names the sources).
 *
 * @param name for people
 * @param dtype of the weights that the figures are for
 * @param time how long it takes
 * @param memory its bytes, 0 where nobody said
 * @param source where the figures are from
 */
public record Computer(String name, String dtype, TimeModel time, double memory, String source) {
    private static final String FILE = "/io/adacache/bench/cost/machines.json";
    private static final String FORMAT = "adacache-machine";

    /**
     * Returns a machine by the name of a device, or from a file that {@code scale} wrote.
     *
     * @param dtype of the model's weights
     * @throws IllegalArgumentException if there is no such device or file, or it is no use for this dtype
     */
    public static Computer of(String nameOrFile, String dtype) {
        JsonNode all = Json.parse(Resources.text(FILE), Path.of(FILE));
        JsonNode device = all.get("devices").get(nameOrFile);
        if (device != null) {
            return bySheet(nameOrFile, dtype, device, all.get("assumed"));
        }
        Path file = Path.of(nameOrFile);
        if (!Files.exists(file)) {
            Set<String> names = new TreeSet<>();
            all.get("devices").fieldNames().forEachRemaining(names::add);
            throw new IllegalArgumentException("There is no device '" + nameOrFile + "' and no such file; known are "
                    + String.join(", ", names) + ", and what 'scale --out DIR' wrote: DIR/machine.json");
        }
        return fitted(file, dtype);
    }

    private static Computer bySheet(String name, String dtype, JsonNode device, JsonNode assumed) {
        JsonNode flops = device.get("flops").get(dtype);
        if (flops == null) {
            throw new IllegalArgumentException(name + " has no figures for weights in " + dtype);
        }
        double peak = flops.asDouble();
        TimeModel time = new TimeModel(
                1 / (peak * assumed.get("products").asDouble()),
                1 / (peak * assumed.get("attention").asDouble()),
                1
                        / (device.get("bytesPerSecond").asDouble()
                                * assumed.get("bytes").asDouble()),
                assumed.get("launch").asDouble());
        return new Computer(
                name,
                dtype,
                time,
                device.get("memory").asDouble(),
                device.get("source").asText() + "; " + assumed.get("source").asText());
    }

    private static Computer fitted(Path file, String dtype) {
        JsonNode json = Json.parse(InputFile.text(file), file);
        if (!FORMAT.equals(json.path("format").asText())) {
            throw new IllegalArgumentException(
                    file + " describes no machine: 'scale --out DIR' writes DIR/machine.json");
        }
        String made = json.path("dtype").asText();
        if (!made.equals(dtype)) {
            throw new IllegalArgumentException(file + " was measured in " + made + ", and the model's weights are "
                    + dtype + ": run 'scale' with a model in " + dtype);
        }
        TimeModel time = new TimeModel(
                json.path("perProduct").asDouble(),
                json.path("perAttention").asDouble(),
                json.path("perByte").asDouble(),
                json.path("perLaunch").asDouble());
        return new Computer(
                json.path("name").asText(), dtype, time, 0, json.path("source").asText());
    }

    /** Returns the fields of the file from which {@link #of} reads this machine again. */
    public Map<String, Object> fields() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("format", FORMAT);
        fields.put("name", name);
        fields.put("dtype", dtype);
        fields.put("perProduct", time.perProduct());
        fields.put("perAttention", time.perAttention());
        fields.put("perByte", time.perByte());
        fields.put("perLaunch", time.perLaunch());
        fields.put("source", source);
        return fields;
    }
}
