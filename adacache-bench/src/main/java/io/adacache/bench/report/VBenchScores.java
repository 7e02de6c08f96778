package io.adacache.bench.report;

import com.fasterxml.jackson.databind.JsonNode;
import io.adacache.bench.files.Json;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/**
 * VBench's score from its result files: dimensions are scaled to 0..1 by the range that VBench gives for each and averaged, those of quality
 * (dynamic degree with half the weight of the others) and those of meaning; quality counts four times as much as meaning. Own prompts have
 * only dimensions of quality; VBench's own prompts have both, and then the total is what the paper's tables show.
 *
 * <p>Source: VBench, {@code scripts/constant.py} and {@code scripts/cal_final_score.py}.
 *
 * @param found the dimensions that were found, 0..1 before scaling
 */
public record VBenchScores(Map<String, Double> found) {
    private static final double HUNDRED = 100;

    private static final double QUALITY_WEIGHT = 4;

    private static final List<Dimension> QUALITY = List.of(
            new Dimension("subject_consistency", 0.1462, 1, 1),
            new Dimension("background_consistency", 0.2615, 1, 1),
            new Dimension("temporal_flickering", 0.6293, 1, 1),
            new Dimension("motion_smoothness", 0.706, 0.9975, 1),
            new Dimension("dynamic_degree", 0, 1, 0.5),
            new Dimension("aesthetic_quality", 0, 1, 1),
            new Dimension("imaging_quality", 0, 1, 1));

    private static final List<Dimension> MEANING = List.of(
            new Dimension("object_class", 0, 1, 1),
            new Dimension("multiple_objects", 0, 1, 1),
            new Dimension("human_action", 0, 1, 1),
            new Dimension("color", 0, 1, 1),
            new Dimension("spatial_relationship", 0, 1, 1),
            new Dimension("scene", 0, 0.8222, 1),
            new Dimension("appearance_style", 0.0009, 0.2855, 1),
            new Dimension("temporal_style", 0, 0.364, 1),
            new Dimension("overall_consistency", 0, 0.364, 1));

    private static final List<Dimension> DIMENSIONS =
            Stream.concat(QUALITY.stream(), MEANING.stream()).toList();

    private record Dimension(String name, double least, double most, double weight) {
        double scaled(double value) {
            return (value - least) / (most - least);
        }
    }

    /** Copies the map. */
    public VBenchScores {
        found = Map.copyOf(found);
    }

    /**
     * Reads result files of one policy, {@code {"dimension": [score, [...]], ...}} each.
     *
     * @throws IllegalArgumentException if a file holds no dimension of VBench, or one that another file has told already
     */
    public static VBenchScores read(List<Path> files) {
        Map<String, Double> found = new LinkedHashMap<>();
        for (Path file : files) {
            JsonNode json = Json.read(file);
            int before = found.size();
            for (Dimension dimension : DIMENSIONS) {
                JsonNode score = json.path(dimension.name()).path(0);
                if (score.isNumber() && found.put(dimension.name(), score.asDouble()) != null) {
                    throw new IllegalArgumentException(
                            file + " tells " + dimension.name() + ", as another file of the same policy does");
                }
            }
            if (found.size() == before) {
                throw new IllegalArgumentException(file + " is no result file of VBench: it has none of "
                        + DIMENSIONS.stream().map(Dimension::name).toList() + " as [score, ...]");
            }
        }
        return new VBenchScores(found);
    }

    /** Returns the cell of a table: the score in percent, and what it is if not the total. */
    String cell() {
        double meaning = mean(MEANING);
        double quality = mean(QUALITY);
        double score = Double.isNaN(meaning)
                ? quality
                : Double.isNaN(quality) ? meaning : (QUALITY_WEIGHT * quality + meaning) / (QUALITY_WEIGHT + 1);
        String percent = String.format(Locale.ROOT, "%.2f", HUNDRED * score);
        if (found.size() == DIMENSIONS.size()) {
            return percent;
        }
        boolean isQuality = Double.isNaN(meaning) && found.size() == QUALITY.size();
        return percent
                + (isQuality ? " (quality score)" : " (" + found.size() + " of " + DIMENSIONS.size() + " dimensions)");
    }

    /** The weighted mean of the dimensions that were found; not a number without one. */
    private double mean(List<Dimension> dimensions) {
        double sum = 0;
        double weights = 0;
        for (Dimension dimension : dimensions) {
            Double value = found.get(dimension.name());
            if (value != null) {
                sum += dimension.weight() * dimension.scaled(value);
                weights += dimension.weight();
            }
        }
        return sum / weights;
    }
}
