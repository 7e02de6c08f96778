package io.adacache.bench.report;

import io.adacache.Calibration.Outcome;
import io.adacache.Calibration.Point;
import io.adacache.Calibration.Result;
import java.util.Comparator;
import java.util.List;

/** What a calibration could have chosen, speed-up against quality, with what it chose and what that did on other prompts. */
public final class CalibrationChart {
    private static final Axes.Paper PAPER = new Axes.Paper(620, 330, 48, 16, 24, 40);
    private static final double INTERVAL = 5;

    private CalibrationChart() {}

    /** Returns the chart as SVG, a file of its own. */
    public static String svg(Result result) {
        List<Point> points = result.curve().stream()
                .filter(point -> point.psnr() < 100)
                .sorted(Comparator.comparingDouble(Point::operations))
                .toList();
        double high = points.stream().mapToDouble(Point::psnr).max().orElse(50);
        double low = points.stream().mapToDouble(Point::psnr).min().orElse(0);
        double right = points.stream().mapToDouble(Point::operations).max().orElse(2);
        low = Math.min(low, result.measured().psnr().low());
        high = Math.max(high, result.measured().psnr().high());
        Axes axes = new Axes(
                PAPER,
                new Axes.Scale(1, Math.max(1.5, Math.ceil(right * 2) / 2), 1, 0.5),
                Axes.Scale.around(low, high, INTERVAL));
        StringBuilder svg = axes.begin("chart wide");
        svg.insert(4, " xmlns=\"http://www.w3.org/2000/svg\" font-family=\"sans-serif\" font-size=\"11\"");
        Axes.title(svg, result.target() + ": " + result.setting());
        axes.gridY(svg, value -> Format.number(value, 0));
        axes.gridX(svg, true, value -> Format.number(value, 1) + "x");
        axes.names(svg, "speed-up, operations", "PSNR against the uncached clips, dB");
        StringBuilder path = new StringBuilder();
        for (Point point : points) {
            path.append(axes.to(path.isEmpty(), point.operations(), point.psnr()));
        }
        svg.append("<path fill=\"none\" stroke=\"#888\" stroke-width=\"1.6\" d=\"" + path + "\"/>");
        dot(axes, svg, result.predicted(), "predicted", "fill=\"none\" stroke=\"#06c\" stroke-width=\"2\"");
        dot(axes, svg, result.measured(), "measured", "fill=\"#06c\"");
        return svg.append("</svg>\n").toString();
    }

    private static void dot(Axes axes, StringBuilder svg, Outcome outcome, String name, String style) {
        axes.dot(
                svg,
                outcome.operations(),
                outcome.psnr().mean(),
                "r=\"6\" " + style,
                name + ": " + Format.times(outcome.operations()) + ", "
                        + Format.number(outcome.psnr().mean(), 1) + " dB");
    }
}
