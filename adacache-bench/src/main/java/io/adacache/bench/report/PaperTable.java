package io.adacache.bench.report;

import com.fasterxml.jackson.databind.JsonNode;
import io.adacache.bench.files.Resources;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.TreeSet;

/**
 * Tables 1 and 3 of the AdaCache paper (arXiv 2411.02397), with figures of ours in the same rows and columns.
 *
 * <p>The paper's are means over VBench prompts on an A100; PSNR, SSIM and LPIPS against the uncached video, as ours.
 */
public final class PaperTable {
    private static final String NOT_MEASURED = "not measured";
    private static final List<String> COLUMNS =
            List.of("method", "VBench", "PSNR", "LPIPS", "SSIM", "latency s", "speed-up");

    /**
     * A row.
     *
     * @param table its number in the paper
     * @param section under which heading
     * @param method the method's name in the paper
     * @param policy what it is here; empty for the uncached model
     * @param figures of the paper, in the order of the columns, a dash where it has none
     */
    private record Row(int table, String section, String method, String policy, List<String> figures) {
        private static final int FIGURES = 4;

        static Row of(String line) {
            List<String> cells =
                    Arrays.stream(line.split("\\|", -1)).map(String::strip).toList();
            return new Row(
                    Integer.parseInt(cells.get(0)),
                    cells.get(1),
                    cells.get(2),
                    cells.get(3),
                    cells.subList(FIGURES, cells.size()));
        }

        boolean isUncached() {
            return policy.isEmpty();
        }
    }

    private PaperTable() {}

    /**
     * Returns a table as Markdown.
     *
     * @param number 1 or 3
     * @param results of {@code results.json}; empty without one
     * @param measuredOn the model and the circumstances of ours, in words
     * @param vbench VBench's scores by policy, {@code none} for the uncached model
     * @throws IllegalArgumentException if the paper's table of that number is not here
     */
    public static String of(int number, List<JsonNode> results, String measuredOn, Map<String, VBenchScores> vbench) {
        Map<String, List<Row>> sections = sections(number);
        if (sections.isEmpty()) {
            throw new IllegalArgumentException("Tables 1 and 3 of the paper are here, but not " + number);
        }
        checkNames(number, sections, vbench.keySet());
        StringBuilder text = new StringBuilder();
        text.append(
                number == 1
                        ? "Table 1: methods on three models. The paper's figures are means over VBench prompts on one A100.\n"
                        : "Table 3: ablations on Open-Sora, 720p, 2 s, 100 steps. The paper's figures are means over VBench prompts on one"
                                + " A100.\n");
        text.append("Rows marked 'ours' were measured on another model: ")
                .append(measuredOn)
                .append(". They can be compared among each other, not with the paper's.\n");
        sections.forEach((section, rows) -> section(text, section, rows, results, vbench));
        return text.toString();
    }

    private static void checkNames(int number, Map<String, List<Row>> sections, Set<String> scored) {
        Set<String> known = new TreeSet<>();
        sections.values().forEach(rows -> rows.forEach(row -> known.addAll(names(policy(row)))));
        for (String policy : scored) {
            if (!known.contains(policy)) {
                throw new IllegalArgumentException("Table " + number + " has no row for the scores of '" + policy
                        + "'; it has " + String.join(", ", known));
            }
        }
    }

    private static Map<String, List<Row>> sections(int number) {
        List<String> lines = Resources.lines("/io/adacache/bench/report/paper_tables.txt");
        Map<String, List<Row>> sections = new LinkedHashMap<>();
        lines.stream()
                .skip(1)
                .map(Row::of)
                .filter(row -> row.table() == number)
                .forEach(row -> sections.computeIfAbsent(row.section(), key -> new ArrayList<>())
                        .add(row));
        return sections;
    }

    private static void section(
            StringBuilder text,
            String section,
            List<Row> rows,
            List<JsonNode> results,
            Map<String, VBenchScores> vbench) {
        text.append("\n## ").append(section).append("\n\n");
        line(text, COLUMNS);
        line(
                text,
                COLUMNS.stream()
                        .map(column -> column.equals("method") ? "---" : "---:")
                        .toList());
        for (Row row : rows) {
            List<String> cells = new ArrayList<>(List.of(row.method()));
            cells.addAll(row.figures());
            line(text, cells);
        }
        rows.forEach(row -> line(text, ours(row, results, vbench)));
    }

    private static void line(StringBuilder text, List<String> cells) {
        text.append("| ").append(String.join(" | ", cells)).append(" |\n");
    }

    private static List<String> ours(Row row, List<JsonNode> results, Map<String, VBenchScores> vbench) {
        String policy = policy(row);
        List<JsonNode> own = results.stream()
                .filter(result -> names(policy).contains(result.path("policy").asText()))
                .toList();
        String name = "ours: " + row.method() + " (`" + policy + "`)";
        String score = names(policy).stream()
                .map(vbench::get)
                .filter(Objects::nonNull)
                .map(VBenchScores::cell)
                .findFirst()
                .orElse(NOT_MEASURED);
        if (own.isEmpty()) {
            List<String> cells = new ArrayList<>(Collections.nCopies(COLUMNS.size(), NOT_MEASURED));
            cells.set(0, name);
            cells.set(1, score);
            return cells;
        }
        boolean uncached = row.isUncached();
        return List.of(
                name,
                score,
                uncached ? "-" : mean(own, "psnr_db", 2, 1),
                uncached ? "-" : mean(own, "lpips", 4, 1),
                uncached ? "-" : mean(own, "ssim", 4, 1),
                mean(own, "latency_ms", 2, 1e-3),
                mean(own, "speedup", 2, 1));
    }

    private static String policy(Row row) {
        return row.isUncached() ? Comparison.UNCACHED : row.policy();
    }

    /** A policy may have been asked for in several ways. */
    private static List<String> names(String policy) {
        return switch (policy) {
            case "pab:fast" -> List.of(policy, "pab:speed=fast");
            case "pab:slow" -> List.of(policy, "pab:speed=slow", "pab");
            default -> List.of(policy, policy.replace("adacache-fast:", "adacache:"));
        };
    }

    private static String mean(List<JsonNode> results, String field, int decimals, double scale) {
        OptionalDouble mean = results.stream()
                .map(result -> result.path(field))
                .filter(JsonNode::isNumber)
                .mapToDouble(JsonNode::asDouble)
                .average();
        return mean.isPresent() ? Format.number(scale * mean.getAsDouble(), decimals) : NOT_MEASURED;
    }
}
