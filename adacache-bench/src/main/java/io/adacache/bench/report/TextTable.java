package io.adacache.bench.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The policies' means as a table for the terminal. */
public final class TextTable {
    private static final List<String> HEAD = List.of(
            "policy",
            "computed",
            "speed-up",
            "ideal",
            "of ideal",
            "PSNR dB",
            "SSIM",
            "LPIPS",
            "motion kept",
            "GFLOP",
            "held KiB",
            "peak KiB",
            "step ms",
            "reused ms");

    private TextTable() {}

    /** Returns the table, a line per policy. */
    public static String of(Comparison comparison) {
        List<List<String>> rows = new ArrayList<>();
        rows.add(HEAD);
        comparison.summaries().forEach(summary -> rows.add(row(summary)));
        return of(rows);
    }

    /** Returns cells in columns; the first column is set to the left, the others to the right. */
    static String of(List<List<String>> rows) {
        StringBuilder text = new StringBuilder();
        for (List<String> row : rows) {
            for (int i = 0; i < row.size(); i++) {
                int column = i;
                int width = rows.stream()
                        .mapToInt(other -> other.get(column).length())
                        .max()
                        .orElse(1);
                String format = i == 0 ? "%-" + width + "s" : "  %" + width + "s";
                text.append(String.format(Locale.ROOT, format, row.get(i)));
            }
            text.append(System.lineSeparator());
        }
        return text.toString();
    }

    private static List<String> row(Summary summary) {
        return List.of(
                summary.label(),
                Format.number(summary.computedSteps(), 1),
                Format.times(summary.medianSpeedup()),
                Format.times(summary.idealSpeedup()),
                Format.number(summary.ofIdeal(), 3),
                Format.number(summary.psnrDb(), 1),
                Format.number(summary.ssim(), 3),
                Format.lpips(summary),
                Format.motionKept(summary),
                summary.flops() == null ? "-" : Format.number(summary.flops() / 1e9, 1),
                kib(summary.bytesHeld()),
                kib(summary.bytesPeak()),
                Format.number(summary.computedStepMs(), 1),
                Format.number(summary.reusedStepMs(), 2));
    }

    private static String kib(long bytes) {
        return Long.toString(bytes / 1024);
    }
}
