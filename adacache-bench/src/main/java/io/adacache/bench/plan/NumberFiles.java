package io.adacache.bench.plan;

import com.fasterxml.jackson.databind.JsonNode;
import io.adacache.bench.files.InputFile;
import io.adacache.bench.files.Json;
import io.adacache.metric.Probe;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads timesteps and measures that somebody else has written down. */
public final class NumberFiles {
    private NumberFiles() {}

    /**
     * Returns the timesteps in a file: a number per line, or a JSON array of numbers.
     *
     * @throws IllegalArgumentException if the file is missing or holds something else
     */
    public static List<Double> timesteps(Path file) {
        String text = InputFile.text(file).strip();
        if (text.startsWith("[") || text.startsWith("{")) {
            List<Double> timesteps = numbers(Json.parse(text, file), file);
            if (timesteps.stream().anyMatch(timestep -> timestep.isNaN())) {
                throw new IllegalArgumentException(file + " holds a timestep that is no number");
            }
            return nonEmpty(timesteps, file);
        }
        List<Double> timesteps = new ArrayList<>();
        for (String word : text.split("[\\s,;]+")) {
            try {
                timesteps.add(Double.valueOf(word));
            } catch (NumberFormatException e) {
                throw new IllegalArgumentException(
                        file + " holds '" + word
                                + "', which is no timestep; write a number per line, or a JSON array of numbers",
                        e);
            }
        }
        return nonEmpty(timesteps, file);
    }

    private static List<Double> nonEmpty(List<Double> timesteps, Path file) {
        if (timesteps.isEmpty()) {
            throw new IllegalArgumentException(file + " holds no timestep");
        }
        return timesteps;
    }

    /**
     * Returns the measures in a file: JSON, either an array of numbers for whatever the policy measures, or an object with an array
     * per probe ({@code modulated:0}, {@code residuals:81}, {@code latent}, {@code prediction}; {@code *} for all others) and
     * {@code motion}. An array has a number per step, or one fewer: then it begins at step 2. {@code null} is no number.
     *
     * @param steps number of steps
     * @throws IllegalArgumentException if the file is missing or holds something else
     */
    public static Map<String, List<Double>> measures(Path file, int steps) {
        JsonNode root = Json.read(file);
        Map<String, List<Double>> byProbe = new LinkedHashMap<>();
        if (root.isArray()) {
            byProbe.put("*", perStep("*", root, steps, file));
        } else if (root.isObject()) {
            root.fields().forEachRemaining(field -> {
                if (!field.getKey().equals("*") && !field.getKey().equals("motion")) {
                    Probe.of(field.getKey());
                }
                byProbe.put(field.getKey(), perStep(field.getKey(), field.getValue(), steps, file));
            });
        } else {
            throw new IllegalArgumentException(file + " is neither a JSON array nor a JSON object of arrays");
        }
        return byProbe;
    }

    private static List<Double> perStep(String name, JsonNode node, int steps, Path file) {
        List<Double> numbers = numbers(node, file);
        if (numbers.size() == steps - 1) {
            numbers.add(0, Double.NaN);
        }
        if (numbers.size() != steps) {
            throw new IllegalArgumentException(
                    "'" + name + "' in " + file + " has " + numbers.size() + " numbers, but there are " + steps
                            + " steps; give one per step, or one per step from the second on");
        }
        return numbers;
    }

    private static List<Double> numbers(JsonNode node, Path file) {
        if (!node.isArray()) {
            throw new IllegalArgumentException(file + " is to hold an array of numbers, but has '" + node + "'");
        }
        List<Double> numbers = new ArrayList<>();
        for (JsonNode element : node) {
            if (!element.isNumber() && !element.isNull()) {
                throw new IllegalArgumentException(file + " holds '" + element + "', which is no number");
            }
            numbers.add(element.isNull() ? Double.NaN : element.doubleValue());
        }
        return numbers;
    }
}
