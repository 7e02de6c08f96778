package io.adacache.bench.report;

import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/** Quality over speed: the settings of each method as dots, and the upper envelope of each as a line. */
final class CurveChart {
    private static final Axes.Paper PAPER = new Axes.Paper(580, 330, 46, 14, 26, 36);
    private static final int MARKS = 8;
    private static final double LEFT_END = 0.95;

    private final Curves curves;
    private final List<String> families;
    private final Axes axes;

    CurveChart(Curves curves) {
        this.curves = curves;
        this.families = families(curves);
        double right = Math.max(1.5, Math.ceil(extreme(Curve.Point::x, true) * 4) / 4);
        double bottom = extreme(Curve.Point::y, false);
        double top = extreme(Curve.Point::y, true);
        this.axes = new Axes(
                PAPER,
                new Axes.Scale(LEFT_END, right, 1, right > 5 ? 1 : right > 2.5 ? 0.5 : 0.25),
                Axes.Scale.around(bottom, top, Axes.interval(top - bottom, MARKS)));
    }

    private static List<String> families(Curves curves) {
        return curves.curves().stream().map(Curve::family).toList();
    }

    private double extreme(ToDoubleFunction<Curve.Point> of, boolean largest) {
        Stream<Curve.Point> points = curves.curves().stream().flatMap(curve -> curve.points().stream());
        return (largest ? points.mapToDouble(of).max() : points.mapToDouble(of).min()).orElse(0);
    }

    /** Returns the chart as SVG. */
    String svg() {
        StringBuilder svg = axes.begin("chart");
        Axes.title(svg, curves.yName() + " over " + curves.xName());
        axes.gridY(svg, value -> Format.number(value, Axes.decimals(axes.y().interval())));
        axes.gridX(svg, true, value -> Format.number(value, axes.x().interval() < 0.5 ? 2 : 1) + "x");
        // AdaCache last, on top.
        curves.curves().stream()
                .filter(curve -> !Family.isAdaCache(curve.family()))
                .forEach(curve -> draw(svg, curve));
        curves.curves().stream()
                .filter(curve -> Family.isAdaCache(curve.family()))
                .forEach(curve -> draw(svg, curve));
        return svg.append("</svg>").toString();
    }

    private void draw(StringBuilder svg, Curve curve) {
        String colour = Palette.ofFamily(families, curve.family());
        boolean own = Family.isAdaCache(curve.family());
        StringBuilder path = new StringBuilder();
        for (Curve.Point point : curve.envelope()) {
            path.append(axes.to(path.length() == 0, point.x(), point.y()));
        }
        svg.append("<path d=\"" + path + "\" fill=\"none\" stroke=\"" + colour + "\" stroke-width=\""
                + (own ? 2.6 : 1.4) + "\"" + dash(families, curve.family()) + "><title>" + Format.html(curve.family())
                + "</title></path>");
        for (Curve.Point point : curve.points()) {
            axes.dot(
                    svg,
                    point.x(),
                    point.y(),
                    "r=\"" + (own ? 3.6 : 2.6) + "\" fill=\"" + colour + "\"",
                    point.policy() + ": " + Format.times(point.x()) + ", " + curves.yName() + " "
                            + Format.number(point.y(), 4));
        }
    }

    private static String dash(List<String> families, String family) {
        String dashes = Palette.dashes(families, family);
        return dashes.isEmpty() ? "" : " stroke-dasharray=\"" + dashes + "\"";
    }

    /** Returns which line is which. */
    static String legend(Curves curves) {
        List<String> families = families(curves);
        StringBuilder html = new StringBuilder("<p class=\"legend\">");
        for (String family : families) {
            html.append("<span><svg viewBox=\"0 0 30 8\"><line x1=\"0\" x2=\"30\" y1=\"4\" y2=\"4\" stroke=\""
                    + Palette.ofFamily(families, family) + "\" stroke-width=\"" + (Family.isAdaCache(family) ? 3.5 : 2)
                    + "\"" + dash(families, family) + "/></svg>" + Format.html(family) + "</span>");
        }
        return html.append("</p>").toString();
    }
}
