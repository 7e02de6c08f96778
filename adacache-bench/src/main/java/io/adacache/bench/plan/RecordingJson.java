package io.adacache.bench.plan;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.adacache.metric.Metric;
import io.adacache.metric.Sums;
import io.adacache.tune.Recording;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/**
 * Recordings as JSON: what was generated, then a series per probe, metric and branch with an entry per pair of steps. An entry holds
 * the distance, and the partial sums per batch row that it comes from.
 */
public final class RecordingJson {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String FORMAT = "adacache-recording";
    private static final int VERSION = 1;
    private static final int SUMS_FROM = 6;

    private RecordingJson() {}

    /**
     * Returns a recording as JSON.
     *
     * @param about name and value of what a reader wants to know: model, prompt, seed
     */
    public static String write(Recording recording, Map<String, Object> about) {
        ObjectNode root = JSON.createObjectNode().put("format", FORMAT).put("version", VERSION);
        root.set("about", JSON.valueToTree(about));
        ArrayNode branches = JSON.createArrayNode();
        ArrayNode sites = JSON.createArrayNode();
        ArrayNode distances = JSON.createArrayNode();
        ArrayNode motions = JSON.createArrayNode();
        List<String> lines = recording.lines();
        for (String line : lines.subList(1, lines.size())) {
            String[] words = line.split(" ");
            switch (words[0]) {
                case "steps" -> root.put("steps", Integer.parseInt(words[1]));
                case "branch" -> branches.add(words[1]);
                case "timesteps" -> root.set("timesteps", numbers(words, 1));
                case "site" ->
                    sites.add(JSON.createObjectNode()
                            .put("block", Integer.parseInt(words[1]))
                            .put("kind", words[2]));
                case "distance" -> {
                    Sums sums = sums(words);
                    series(distances, "probe", words[1], "metric", words[2], "branch", words[3])
                            .add(entry("now", words[4], "then", words[5])
                                    .put("distance", Metric.of(words[2]).distance(sums))
                                    .set("sums", rows(sums)));
                }
                default -> {
                    Sums sums = sums(words);
                    series(motions, "probe", words[1], "metric", words[2], "branch", words[4])
                            .add(entry("stride", words[3], "step", words[5])
                                    .put("motion", Metric.of(words[2]).motion(sums))
                                    .set("sums", rows(sums)));
                }
            }
        }
        root.set("branches", branches);
        root.set("sites", sites);
        root.set("distances", distances);
        root.set("motions", motions);
        return root.toString() + "\n";
    }

    private static ArrayNode numbers(String[] words, int from) {
        ArrayNode numbers = JSON.createArrayNode();
        for (int i = from; i < words.length; i++) {
            numbers.add(Double.parseDouble(words[i]));
        }
        return numbers;
    }

    private static ObjectNode entry(String a, String first, String b, String second) {
        return JSON.createObjectNode().put(a, Integer.parseInt(first)).put(b, Integer.parseInt(second));
    }

    /** Returns the entries of the series with these three properties, made where there is none. */
    private static ArrayNode series(ArrayNode all, String... properties) {
        for (JsonNode series : all) {
            boolean same = true;
            for (int i = 0; i < properties.length; i += 2) {
                same &= series.get(properties[i]).asText().equals(properties[i + 1]);
            }
            if (same) {
                return (ArrayNode) series.get("entries");
            }
        }
        ObjectNode series = all.addObject();
        for (int i = 0; i < properties.length; i += 2) {
            series.put(properties[i], properties[i + 1]);
        }
        return series.putArray("entries");
    }

    private static Sums sums(String[] words) {
        double[][] rows = new double[words.length - SUMS_FROM][];
        for (int i = 0; i < rows.length; i++) {
            String[] numbers = words[SUMS_FROM + i].split(",");
            rows[i] = new double[numbers.length];
            for (int k = 0; k < numbers.length; k++) {
                rows[i][k] = Double.parseDouble(numbers[k]);
            }
        }
        return Sums.of(rows);
    }

    private static ArrayNode rows(Sums sums) {
        ArrayNode rows = JSON.createArrayNode();
        for (int i = 0; i < sums.rows(); i++) {
            ArrayNode row = rows.addArray();
            for (double number : sums.row(i).total()) {
                row.add(number);
            }
        }
        return rows;
    }

    /**
     * Reads a recording, JSON or as the library saves it.
     *
     * @throws IllegalArgumentException if the file is missing or no recording
     */
    public static Recording read(Path file) {
        if (!Files.isRegularFile(file)) {
            throw new IllegalArgumentException("There is no recording " + file + "; make one with 'trace'");
        }
        try {
            String text = Files.readString(file);
            if (!text.startsWith("{")) {
                return Recording.load(file);
            }
            JsonNode root = JSON.readTree(text);
            if (!root.path("format").asText().equals(FORMAT)
                    || root.path("version").asInt() != VERSION) {
                throw new IllegalArgumentException(
                        file + " is no recording that this version can read; make one with 'trace'");
            }
            return Recording.ofLines(file.toString(), lines(root));
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(file + " is no JSON: " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw new IllegalArgumentException(file + " cannot be read: " + e, e);
        }
    }

    /** Returns the name and the other facts of a recording. */
    public static String about(Path file) {
        try {
            JsonNode about = JSON.readTree(file.toFile()).path("about");
            List<String> parts = new ArrayList<>();
            for (Iterator<Map.Entry<String, JsonNode>> it = about.fields(); it.hasNext(); ) {
                Map.Entry<String, JsonNode> field = it.next();
                parts.add(field.getKey() + " " + field.getValue().asText());
            }
            return String.join(", ", parts);
        } catch (IOException e) {
            return "";
        }
    }

    private static List<String> lines(JsonNode root) {
        List<String> lines = new ArrayList<>(List.of(FORMAT + " " + VERSION));
        lines.add("steps " + root.path("steps").asInt());
        root.path("branches").forEach(branch -> lines.add("branch " + branch.asText()));
        StringBuilder timesteps = new StringBuilder("timesteps");
        root.path("timesteps").forEach(timestep -> timesteps.append(' ').append(timestep.asDouble()));
        lines.add(timesteps.toString());
        root.path("sites")
                .forEach(site -> lines.add("site " + site.path("block").asInt() + " "
                        + site.path("kind").asText()));
        for (JsonNode series : root.path("distances")) {
            for (JsonNode entry : series.path("entries")) {
                lines.add(String.join(
                        " ",
                        "distance",
                        series.path("probe").asText(),
                        series.path("metric").asText(),
                        series.path("branch").asText(),
                        entry.path("now").asText(),
                        entry.path("then").asText(),
                        text(entry.path("sums"))));
            }
        }
        for (JsonNode series : root.path("motions")) {
            for (JsonNode entry : series.path("entries")) {
                lines.add(String.join(
                        " ",
                        "motion",
                        series.path("probe").asText(),
                        series.path("metric").asText(),
                        entry.path("stride").asText(),
                        series.path("branch").asText(),
                        entry.path("step").asText(),
                        text(entry.path("sums"))));
            }
        }
        return lines;
    }

    private static String text(JsonNode rows) {
        List<String> texts = new ArrayList<>();
        for (JsonNode row : rows) {
            List<String> numbers = new ArrayList<>();
            row.forEach(number -> numbers.add(Double.toString(number.asDouble())));
            texts.add(String.join(",", numbers));
        }
        return String.join(" ", texts);
    }
}
