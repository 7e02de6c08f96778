package io.adacache.bench.report;

import java.util.ArrayList;
import java.util.List;

/** Speed-up against quality: a small dot per clip, a large one per policy's mean. */
final class TradeOffChart {
    private static final double WIDTH = 620;
    private static final double HEIGHT = 330;
    private static final double LEFT = 48;
    private static final double RIGHT = 16;
    private static final double TOP = 14;
    private static final double BOTTOM = 40;
    private static final double LETTER = 7;
    private static final double LINE = 14;

    private final Comparison comparison;
    private final double right;
    private final double low;
    private final double high;

    TradeOffChart(Comparison comparison) {
        this.comparison = comparison;
        this.right = Math.ceil(comparison.runs().stream()
                                .mapToDouble(run -> run.result().speedup())
                                .max()
                                .orElse(2)
                        * 2)
                / 2;
        double[] qualities = comparison.runs().stream()
                .map(run -> run.result().psnrDb())
                .filter(value -> value != null)
                .mapToDouble(Double::doubleValue)
                .sorted()
                .toArray();
        this.low = qualities.length == 0 ? 0 : Math.floor(qualities[0] / 5) * 5;
        this.high = qualities.length == 0 ? 10 : Math.ceil((qualities[qualities.length - 1] + 0.1) / 5) * 5;
    }

    /** Returns the chart as SVG. */
    String svg() {
        StringBuilder svg = new StringBuilder(
                "<svg class=\"chart wide\" viewBox=\"0 0 " + Format.place(WIDTH) + " " + Format.place(HEIGHT) + "\">");
        axes(svg);
        for (Run run : comparison.runs()) {
            Result result = run.result();
            if (result.psnrDb() != null) {
                dot(svg, result.policy(), result.prompt(), result.speedup(), result.psnrDb(), 3, 0.35);
            }
        }
        means(svg);
        return svg.append("</svg>").toString();
    }

    /** Draws the means, their names to the right; a name that would lie on another moves down. */
    private void means(StringBuilder svg) {
        List<double[]> names = new ArrayList<>();
        for (Summary summary : comparison.summaries()) {
            if (summary.psnrDb() != null) {
                dot(svg, summary.policy(), "mean", summary.speedup(), summary.psnrDb(), 7, 1);
                double x = x(summary.speedup()) + 10;
                double y = y(summary.psnrDb()) + 4;
                double end = x + LETTER * summary.policy().length();
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

    private void axes(StringBuilder svg) {
        double step = high - low > 40 ? 10 : 5;
        for (double value = low; value <= high; value += step) {
            line(svg, LEFT, y(value), WIDTH - RIGHT, y(value));
            mark(svg, LEFT - 6, y(value) + 3, "end", Format.number(value, 0));
        }
        for (double value = 1; value <= right; value += 0.5) {
            line(svg, x(value), TOP, x(value), HEIGHT - BOTTOM);
            mark(svg, x(value), HEIGHT - BOTTOM + 15, "middle", Format.number(value, 1) + "x");
        }
        mark(svg, (LEFT + WIDTH - RIGHT) / 2, HEIGHT - 6, "middle", "measured speed-up over the uncached model");
        svg.append("<text class=\"mark\" text-anchor=\"middle\" transform=\"rotate(-90 12 "
                + Format.place((TOP + HEIGHT - BOTTOM) / 2) + ")\" x=\"12\" y=\""
                + Format.place((TOP + HEIGHT - BOTTOM) / 2) + "\">PSNR against the uncached clip, dB</text>");
    }

    private static void line(StringBuilder svg, double x1, double y1, double x2, double y2) {
        svg.append("<line class=\"grid\" x1=\"" + Format.place(x1) + "\" x2=\"" + Format.place(x2) + "\" y1=\""
                + Format.place(y1) + "\" y2=\"" + Format.place(y2) + "\"/>");
    }

    private static void mark(StringBuilder svg, double x, double y, String anchor, String text) {
        svg.append("<text class=\"mark\" text-anchor=\"" + anchor + "\" x=\"" + Format.place(x) + "\" y=\""
                + Format.place(y) + "\">" + Format.html(text) + "</text>");
    }

    private void dot(
            StringBuilder svg, String policy, String what, double speedup, double psnr, double radius, double opacity) {
        svg.append("<circle cx=\"" + Format.place(x(speedup)) + "\" cy=\"" + Format.place(y(psnr)) + "\" r=\"" + radius
                + "\" fill=\"" + Palette.of(comparison, policy) + "\" fill-opacity=\"" + opacity + "\"><title>"
                + Format.html(
                        policy + ", " + what + ": " + Format.times(speedup) + ", " + Format.number(psnr, 1) + " dB")
                + "</title></circle>");
    }

    private double x(double speedup) {
        double left = Math.min(0.9, right - 0.1);
        return LEFT + (WIDTH - LEFT - RIGHT) * (speedup - left) / (right - left);
    }

    private double y(double psnr) {
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * (psnr - low) / (high - low);
    }
}
