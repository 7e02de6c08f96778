package io.adacache.bench.report;

import java.util.List;

/** A comparison as Markdown: the table, how AdaCache stands against each other method, and how it was measured. */
public final class MarkdownReport {
    private final Comparison comparison;
    private final StringBuilder text = new StringBuilder();

    private MarkdownReport(Comparison comparison) {
        this.comparison = comparison;
    }

    /** Returns the file's text. */
    public static String of(Comparison comparison) {
        return new MarkdownReport(comparison).write();
    }

    private String write() {
        text.append("# ").append(comparison.title()).append("\n\n");
        table();
        for (Curves.Speed speed : Curves.Speed.values()) {
            for (Curves.Quality quality : Curves.Quality.values()) {
                margins(Curves.of(comparison.summaries(), speed, quality));
            }
        }
        text.append("\n## How this was measured\n\n");
        for (Fact fact : comparison.facts()) {
            text.append("- " + fact.name() + ": " + fact.value() + "\n");
        }
        return PlainText.of(text.toString());
    }

    private void table() {
        List<String> head = List.of(
                "policy",
                "steps computed",
                "latency ms",
                "speed-up",
                "95 %",
                "PSNR dB",
                "95 %",
                "SSIM",
                "LPIPS",
                "GFLOP",
                "flicker",
                "motion",
                "motion kept (worst)",
                "at rest",
                "at peak");
        row(head.toArray(String[]::new));
        row(head.stream()
                .map(column -> column.equals("policy") ? "---" : "---:")
                .toArray(String[]::new));
        comparison.summaries().forEach(this::row);
    }

    private void row(Summary summary) {
        Interval psnr = summary.psnrInterval();
        row(
                "`" + summary.label() + "`",
                Format.number(summary.computedSteps(), 1),
                Format.number(summary.medianLatencyMs(), 0),
                Format.times(summary.medianSpeedup()),
                summary.speedupInterval().range(2),
                Format.number(summary.psnrDb(), 2),
                psnr == null ? "-" : psnr.range(1),
                Format.number(summary.ssim(), 4),
                Format.lpips(summary),
                summary.flops() == null ? "-" : Format.number(summary.flops() / 1e9, 1),
                Format.number(summary.flicker(), 4),
                Format.number(summary.motion(), 4),
                Format.motionKept(summary),
                Format.bytes(summary.bytesHeld()),
                Format.bytes(summary.bytesPeak()));
    }

    private void margins(Curves curves) {
        List<Curves.Margin> margins = curves.margins();
        if (!curves.isSweep() || margins.isEmpty()) {
            return;
        }
        text.append("\n## AdaCache against each method: ")
                .append(curves.yName())
                .append(" over ")
                .append(curves.xName())
                .append("\n\n");
        text.append(
                "The best of AdaCache's settings less the best of the method's, from 1.05x to its fastest setting.\n\n");
        row("method", "fastest", "least lead", "at", "mean lead", "range in which AdaCache is behind");
        row("---", "---:", "---:", "---:", "---:", "---:");
        int decimals = curves.yName().startsWith("SSIM") ? 4 : 2;
        for (Curves.Margin margin : margins) {
            row(MarginText.of(margin, decimals).toArray(String[]::new));
        }
    }

    private void row(String... cells) {
        text.append("| ").append(String.join(" | ", List.of(cells))).append(" |\n");
    }
}
