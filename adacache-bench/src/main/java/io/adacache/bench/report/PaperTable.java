package io.adacache.bench.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Tables 1 and 3 of the AdaCache paper (arXiv 2411.02397), with figures of ours in the same rows and columns.
 *
 * <p>The paper's are means over VBench prompts on an A100; PSNR, SSIM and LPIPS against the uncached video, as ours.
 */
public final class PaperTable {
    private static final List<String> COLUMNS =
            List.of("method", "VBench", "PSNR", "LPIPS", "SSIM", "latency s", "speed-up");

    /**
     * A row.
     *
     * @param section under which heading
     * @param method the method's name in the paper
     * @param policy what it is here; null for the uncached model
     * @param figures of the paper, in the order of the columns, a dash where it has none
     */
    private record Row(
            String section, String method, @Nullable String policy, List<String> figures) {
        static Row of(String section, String method, @Nullable String policy, String... figures) {
            return new Row(section, method, policy, List.of(figures));
        }
    }

    private static final String OPEN_SORA = "Open-Sora 1.2, 480p, 2 s, 30 steps";
    private static final String OPEN_SORA_PLAN = "Open-Sora-Plan 1.1, 512 x 512, 150 steps";
    private static final String LATTE = "Latte, 512 x 512, 50 steps";

    private static final List<Row> TABLE_1 = List.of(
            Row.of(OPEN_SORA, "uncached", null, "79.22", "-", "-", "-", "54.02", "1.00"),
            Row.of(OPEN_SORA, "Delta-DiT", "delta-dit", "78.21", "11.91", "0.5692", "0.4811", "-", "-"),
            Row.of(OPEN_SORA, "T-GATE", "tgate", "77.61", "15.50", "0.3495", "0.6760", "49.11", "1.10"),
            Row.of(OPEN_SORA, "PAB-fast", "pab:fast", "76.95", "23.58", "0.1743", "0.8220", "40.23", "1.34"),
            Row.of(OPEN_SORA, "PAB-slow", "pab:slow", "78.51", "27.04", "0.0925", "0.8847", "44.93", "1.20"),
            Row.of(OPEN_SORA, "AdaCache-fast", "adacache-fast", "79.39", "24.92", "0.0981", "0.8375", "24.16", "2.24"),
            Row.of(
                    OPEN_SORA,
                    "AdaCache-fast + MoReg",
                    "adacache-fast-moreg",
                    "79.48",
                    "25.78",
                    "0.0867",
                    "0.8530",
                    "25.71",
                    "2.10"),
            Row.of(OPEN_SORA, "AdaCache-slow", "adacache-slow", "79.66", "29.97", "0.0456", "0.9085", "37.01", "1.46"),
            Row.of(OPEN_SORA_PLAN, "uncached", null, "80.39", "-", "-", "-", "129.67", "1.00"),
            Row.of(OPEN_SORA_PLAN, "Delta-DiT", "delta-dit", "77.55", "13.85", "0.5388", "0.3736", "-", "-"),
            Row.of(OPEN_SORA_PLAN, "T-GATE", "tgate", "80.15", "18.32", "0.3066", "0.6219", "-", "1.14"),
            Row.of(OPEN_SORA_PLAN, "PAB-fast", "pab:fast", "71.81", "15.47", "0.5499", "0.4717", "-", "1.45"),
            Row.of(OPEN_SORA_PLAN, "PAB-slow", "pab:slow", "80.30", "18.80", "0.3059", "0.6550", "-", "1.32"),
            Row.of(
                    OPEN_SORA_PLAN,
                    "AdaCache-fast",
                    "adacache-fast",
                    "75.83",
                    "13.53",
                    "0.5465",
                    "0.4309",
                    "35.04",
                    "3.70"),
            Row.of(
                    OPEN_SORA_PLAN,
                    "AdaCache-fast + MoReg",
                    "adacache-fast-moreg",
                    "79.30",
                    "17.69",
                    "0.3745",
                    "0.6147",
                    "36.77",
                    "3.53"),
            Row.of(
                    OPEN_SORA_PLAN,
                    "AdaCache-slow",
                    "adacache-slow",
                    "80.50",
                    "22.98",
                    "0.1737",
                    "0.7910",
                    "58.88",
                    "2.20"),
            Row.of(LATTE, "uncached", null, "77.40", "-", "-", "-", "32.45", "1.00"),
            Row.of(LATTE, "Delta-DiT", "delta-dit", "52.00", "8.65", "0.8513", "0.1078", "-", "-"),
            Row.of(LATTE, "T-GATE", "tgate", "75.42", "19.55", "0.2612", "0.6927", "-", "1.11"),
            Row.of(LATTE, "PAB-fast", "pab:fast", "73.13", "17.16", "0.3903", "0.6421", "-", "1.33"),
            Row.of(LATTE, "PAB-slow", "pab:slow", "76.32", "19.71", "0.2699", "0.7014", "-", "1.24"),
            Row.of(LATTE, "AdaCache-fast", "adacache-fast", "76.26", "17.70", "0.3522", "0.6659", "11.85", "2.74"),
            Row.of(
                    LATTE,
                    "AdaCache-fast + MoReg",
                    "adacache-fast-moreg",
                    "76.47",
                    "18.16",
                    "0.3222",
                    "0.6832",
                    "13.20",
                    "2.46"),
            Row.of(LATTE, "AdaCache-slow", "adacache-slow", "77.07", "22.78", "0.1737", "0.8030", "20.35", "1.59"));

    private static final String FAST = "adacache-fast";
    private static final List<Row> TABLE_3 = List.of(
            ablation("uncached, fast, with motion regularisation", "uncached", null, "84.16", "419.60", "1.00"),
            ablation("uncached, fast, with motion regularisation", "AdaCache-fast", FAST, "83.40", "89.53", "4.69"),
            ablation(
                    "uncached, fast, with motion regularisation", "+ MoReg", FAST + "-moreg", "83.50", "93.50", "4.49"),
            ablation("cache metric", "L1", FAST, "83.40", "-", "-"),
            ablation("cache metric", "L2", FAST + ":metric=l2", "83.50", "-", "-"),
            ablation("cache metric", "cosine", FAST + ":metric=cosine", "83.19", "-", "-"),
            ablation("cache location", "start", FAST + ":location=start", "83.30", "-", "-"),
            ablation("cache location", "middle", FAST, "83.40", "-", "-"),
            ablation("cache location", "end", FAST + ":location=end", "83.43", "-", "-"),
            ablation("cached residual", "temporal attention", FAST, "83.40", "-", "-"),
            ablation("cached residual", "spatial attention", FAST + ":residual=spatial-attention", "83.19", "-", "-"),
            ablation("cached residual", "cross-attention", FAST + ":residual=cross-attention", "83.25", "-", "-"),
            ablation("cached residual", "MLP", FAST + ":residual=mlp", "83.62", "-", "-"),
            ablation("cache rates", "fast", FAST, "83.40", "89.53", "4.69"),
            ablation("cache rates", "medium", "adacache-medium", "83.94", "143.87", "2.92"),
            ablation("cache rates", "slow", "adacache-slow", "84.12", "274.30", "1.53"));

    private static Row ablation(
            String section, String method, @Nullable String policy, String vbench, String seconds, String speedup) {
        return Row.of(section, method, policy, vbench, "-", "-", "-", seconds, speedup);
    }

    private PaperTable() {}

    /**
     * Returns a table as Markdown.
     *
     * @param number 1 or 3
     * @param results of {@code results.json}; empty without one
     * @param measuredOn the model and the circumstances of ours, in words
     * @throws IllegalArgumentException if the paper's table of that number is not here
     */
    public static String of(int number, List<JsonNode> results, String measuredOn) {
        if (number != 1 && number != 3) {
            throw new IllegalArgumentException("Tables 1 and 3 of the paper are here, but not " + number);
        }
        StringBuilder text = new StringBuilder();
        text.append(
                number == 1
                        ? "Table 1: methods on three models. The paper's figures are means over VBench prompts on one A100.\n"
                        : "Table 3: ablations on Open-Sora, 720p, 2 s, 100 steps. The paper's figures are means over VBench prompts on one"
                                + " A100.\n");
        text.append("Rows marked 'ours' were measured on another model: ")
                .append(measuredOn)
                .append(". They can be compared among each other, not with the paper's.\n");
        Map<String, List<Row>> sections = new LinkedHashMap<>();
        for (Row row : number == 1 ? TABLE_1 : TABLE_3) {
            sections.computeIfAbsent(row.section(), key -> new ArrayList<>()).add(row);
        }
        sections.forEach((section, rows) -> {
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
            for (Row row : rows) {
                line(text, ours(row, results));
            }
        });
        return text.toString();
    }

    private static void line(StringBuilder text, List<String> cells) {
        text.append("| ").append(String.join(" | ", cells)).append(" |\n");
    }

    private static List<String> ours(Row row, List<JsonNode> results) {
        String policy = row.policy() == null ? Comparison.UNCACHED : row.policy();
        List<JsonNode> own = results.stream()
                .filter(result -> names(policy).contains(result.path("policy").asText()))
                .toList();
        String name = "ours: " + row.method() + " (`" + policy + "`)";
        if (own.isEmpty()) {
            return List.of(
                    name,
                    "not measured",
                    "not measured",
                    "not measured",
                    "not measured",
                    "not measured",
                    "not measured");
        }
        boolean uncached = row.policy() == null;
        return List.of(
                name,
                "not measured",
                uncached ? "-" : mean(own, "psnr_db", 2, 1),
                uncached ? "-" : mean(own, "lpips", 4, 1),
                uncached ? "-" : mean(own, "ssim", 4, 1),
                mean(own, "latency_ms", 2, 1e-3),
                mean(own, "speedup", 2, 1));
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
        Predicate<JsonNode> there = result -> result.path(field).isNumber();
        return results.stream().anyMatch(there)
                ? String.format(
                        Locale.ROOT,
                        "%." + decimals + "f",
                        scale
                                * results.stream()
                                        .filter(there)
                                        .mapToDouble(
                                                result -> result.path(field).asDouble())
                                        .average()
                                        .orElse(0))
                : "not measured";
    }
}
