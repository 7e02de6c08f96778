package io.adacache.bench.report;

import java.util.ArrayList;
import java.util.List;

/** Speed-up against quality: a small dot per clip, a large one per policy's mean. */
final class TradeOffChart {
    private static final Axes.Paper PAPER = new Axes.Paper(620, 330, 48, 16, 14, 40);
    private static final double LETTER = 7;
    private static final double LINE = 14;

    private final Comparison comparison;
    private final Axes axes;

    TradeOffChart(Comparison comparison) {
        this.comparison = comparison;
        double fastest = comparison.runs().stream()
                .mapToDouble(run -> run.result().speedup())
                .max()
                .orElse(2);
        double right = Math.ceil(fastest * 2) / 2;
        this.axes = new Axes(PAPER, new Axes.Scale(Math.min(0.9, right - 0.1), right, 1, 0.5), quality());
    }

    private Axes.Scale quality() {
        double[] qualities = comparison.runs().stream()
                .map(run -> run.result().psnrDb())
                .filter(value -> value != null)
                .mapToDouble(Double::doubleValue)
                .sorted()
                .toArray();
        if (qualities.length == 0) {
            return new Axes.Scale(0, 10, 0, 5);
        }
        double low = Math.floor(qualities[0] / 5) * 5;
        double high = Math.ceil((qualities[qualities.length - 1] + 0.1) / 5) * 5;
        return new Axes.Scale(low, high, low, high - low > 40 ? 10 : 5);
    }

    /** Returns the chart as SVG. */
    String svg() {
        StringBuilder svg = axes.begin("chart wide");
        axes.gridY(svg, value -> Format.number(value, 0));
        axes.gridX(svg, true, value -> Format.number(value, 1) + "x");
        axes.names(svg, "measured speed-up over the uncached model", "PSNR against the uncached clip, dB");
        for (Run run : comparison.runs()) {
            Result result = run.result();
            if (result.psnrDb() != null) {
                dot(svg, result.policy(), result.prompt(), result.speedup(), result.psnrDb(), 3, 0.35);
            }
        }
        means(svg);
        return svg.append("</svg>").toString();
    }

    /**
     * Draws the means, their names to the right, or to the left where they would leave the drawing; a name that would lie on another
     * moves down.
     */
    private void means(StringBuilder svg) {
        List<double[]> names = new ArrayList<>();
        for (Summary summary : comparison.summaries()) {
            if (summary.psnrDb() != null) {
                dot(svg, summary.policy(), "mean", summary.speedup(), summary.psnrDb(), 7, 1);
                double dot = axes.atX(summary.speedup());
                double length = LETTER * summary.policy().length();
                double x = dot + 10 + length > PAPER.width() ? Math.max(0, dot - 10 - length) : dot + 10;
                double y = axes.atY(summary.psnrDb()) + 4;
                double end = x + length;
                while (isTaken(names, x, end, y)) {
                    y += 1;
                }
                names.add(new double[] {x, end, y});
                svg.append("<text class=\"label\" x=\"" + Format.place(x) + "\" y=\"" + Format.place(y)
                        + "\" style=\"fill:" + Palette.of(comparison, summary.policy()) + "\">"
                        + Format.html(summary.policy()) + "</text>");
            }
        }
    }

    private static boolean isTaken(List<double[]> names, double begin, double end, double y) {
        return names.stream().anyMatch(name -> begin < name[1] && name[0] < end && Math.abs(name[2] - y) < LINE);
    }

    private void dot(
            StringBuilder svg, String policy, String what, double speedup, double psnr, double radius, double opacity) {
        axes.dot(
                svg,
                speedup,
                psnr,
                "r=\"" + radius + "\" fill=\"" + Palette.of(comparison, policy) + "\" fill-opacity=\"" + opacity + "\"",
                policy + ", " + what + ": " + Format.times(speedup) + ", " + Format.number(psnr, 1) + " dB");
    }
}
