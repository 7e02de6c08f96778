package io.adacache.bench.report;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.stream.DoubleStream;

/** A picture of methods as lines of quality over speed, which stands alone: a file of its own, not a part of a page. */
public final class MethodChart {
    private static final Axes.Paper PAPER = new Axes.Paper(760, 420, 48, 190, 30, 40);
    private static final double LINE = 17;
    private static final int MARKS = 8;
    private static final String STYLE =
            "<style>text{font:12px sans-serif;fill:#333}.title{font-weight:bold}.grid{stroke:#ddd;stroke-width:1}</style>";

    private MethodChart() {}

    /**
     * Returns the picture as SVG.
     *
     * @param lines per method pairs of speed and quality
     */
    public static String svg(String title, String speed, String quality, Map<String, List<double[]>> lines) {
        Axes axes = axes(lines.values());
        StringBuilder svg = axes.begin("chart");
        svg.insert(svg.indexOf("<svg") + "<svg".length(), " xmlns=\"http://www.w3.org/2000/svg\" width=\"760\"");
        svg.append(STYLE).append("<rect width=\"760\" height=\"420\" fill=\"#fff\"/>");
        Axes.title(svg, title);
        axes.gridY(svg, value -> Format.number(value, 0));
        axes.gridX(svg, true, value -> Format.number(value, 1) + "x");
        axes.names(svg, speed, quality);
        List<String> names = new ArrayList<>(lines.keySet());
        for (String name : names) {
            line(svg, axes, names, name, lines.getOrDefault(name, List.of()));
        }
        return svg.append("</svg>\n").toString();
    }

    private static Axes axes(Collection<List<double[]>> lines) {
        double[] speeds = values(lines, 0).toArray();
        double[] qualities = values(lines, 1).toArray();
        double right = DoubleStream.of(speeds).max().orElse(2);
        double low = DoubleStream.of(qualities).min().orElse(0);
        double high = DoubleStream.of(qualities).max().orElse(1);
        return new Axes(
                PAPER,
                new Axes.Scale(1, Math.max(1.5, right), 1, 0.5),
                Axes.Scale.around(low, high, Axes.interval(high - low, MARKS)));
    }

    private static DoubleStream values(Collection<List<double[]>> lines, int which) {
        return lines.stream().flatMap(List::stream).mapToDouble(point -> point[which]);
    }

    private static void line(StringBuilder svg, Axes axes, List<String> names, String name, List<double[]> points) {
        String colour = Palette.ofFamily(names, name);
        StringBuilder path = new StringBuilder();
        for (double[] point : points) {
            path.append(axes.to(path.length() == 0, point[0], point[1]));
            axes.dot(
                    svg,
                    point[0],
                    point[1],
                    "r=\"2.5\" fill=\"" + colour + "\"",
                    name + ": " + Format.times(point[0]) + ", " + Format.number(point[1], 1));
        }
        String stroke = "fill=\"none\" stroke=\"" + colour + "\" stroke-width=\"1.8\" stroke-dasharray=\""
                + Palette.dashes(names, name) + "\"";
        double y = PAPER.top() + LINE * (names.indexOf(name) + 1);
        double x = PAPER.width() - PAPER.right() + 12;
        svg.append("<path " + stroke + " d=\"" + path + "\"/>")
                .append("<path " + stroke + " d=\"M" + Format.place(x) + " " + Format.place(y - 4) + "h22\"/>")
                .append("<text x=\"" + Format.place(x + 28) + "\" y=\"" + Format.place(y) + "\">" + Format.html(name)
                        + "</text>");
    }
}
