package io.adacache.bench.report;

import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/** Quality over speed: the settings of each method as dots, and the upper envelope of each as a line. */
final class CurveChart {
    private static final double WIDTH = 580;
    private static final double HEIGHT = 330;
    private static final double LEFT = 46;
    private static final double RIGHT = 14;
    private static final double TOP = 26;
    private static final double BOTTOM = 36;

    private final Curves curves;
    private final List<String> families;
    private final double right;
    private final double low;
    private final double high;
    private final double interval;

    CurveChart(Curves curves) {
        this.curves = curves;
        this.families = curves.curves().stream().map(Curve::family).toList();
        this.right = Math.max(1.5, Math.ceil(extreme(Curve.Point::x, true) * 4) / 4);
        double bottom = extreme(Curve.Point::y, false);
        double top = extreme(Curve.Point::y, true);
        this.interval = interval(top - bottom);
        this.low = Math.floor(bottom / interval) * interval;
        this.high = Math.max(low + interval, Math.ceil(top / interval) * interval);
    }

    private double extreme(ToDoubleFunction<Curve.Point> of, boolean largest) {
        Stream<Curve.Point> points = curves.curves().stream().flatMap(curve -> curve.points().stream());
        return (largest ? points.mapToDouble(of).max() : points.mapToDouble(of).min()).orElse(0);
    }

    private static double interval(double range) {
        double power = Math.pow(10, Math.floor(Math.log10(Math.max(range, 1e-6))));
        for (double factor : new double[] {0.1, 0.2, 0.5, 1}) {
            if (range / (power * factor) <= 8) {
                return power * factor;
            }
        }
        return power;
    }

    /** Returns the chart as SVG. */
    String svg() {
        StringBuilder svg = new StringBuilder("<svg class=\"chart\" viewBox=\"0 0 " + Format.place(WIDTH) + " "
                + Format.place(HEIGHT) + "\"><text class=\"title\" x=\"2\" y=\"13\">"
                + Format.html(curves.yName() + " over " + curves.xName()) + "</text>");
        grid(svg);
        // AdaCache last, on top.
        curves.curves().stream()
                .filter(curve -> !Family.isAdaCache(curve.family()))
                .forEach(curve -> draw(svg, curve));
        curves.curves().stream()
                .filter(curve -> Family.isAdaCache(curve.family()))
                .forEach(curve -> draw(svg, curve));
        return svg.append("</svg>").toString();
    }

    private void grid(StringBuilder svg) {
        int decimals = Math.max(0, (int) Math.ceil(-Math.log10(interval) - 1e-9));
        for (int i = 0; low + i * interval <= high + interval / 2; i++) {
            double value = low + i * interval;
            line(svg, LEFT, y(value), WIDTH - RIGHT, y(value));
            mark(svg, LEFT - 5, y(value) + 3, "end", Format.number(value, decimals));
        }
        double step = right > 5 ? 1 : right > 2.5 ? 0.5 : 0.25;
        for (double value = 1; value <= right + 1e-9; value += step) {
            line(svg, x(value), TOP, x(value), HEIGHT - BOTTOM);
            mark(svg, x(value), HEIGHT - BOTTOM + 14, "middle", Format.number(value, step < 0.5 ? 2 : 1) + "x");
        }
    }

    private static void line(StringBuilder svg, double x1, double y1, double x2, double y2) {
        svg.append("<line class=\"grid\" x1=\"" + Format.place(x1) + "\" x2=\"" + Format.place(x2) + "\" y1=\""
                + Format.place(y1) + "\" y2=\"" + Format.place(y2) + "\"/>");
    }

    private static void mark(StringBuilder svg, double x, double y, String anchor, String text) {
        svg.append("<text class=\"mark\" text-anchor=\"" + anchor + "\" x=\"" + Format.place(x) + "\" y=\""
                + Format.place(y) + "\">" + Format.html(text) + "</text>");
    }

    private void draw(StringBuilder svg, Curve curve) {
        String colour = Palette.ofFamily(families, curve.family());
        boolean own = Family.isAdaCache(curve.family());
        StringBuilder path = new StringBuilder();
        for (Curve.Point point : curve.envelope()) {
            path.append(path.length() == 0 ? "M" : "L")
                    .append(Format.place(x(point.x())))
                    .append(' ')
                    .append(Format.place(y(point.y())));
        }
        svg.append("<path d=\"" + path + "\" fill=\"none\" stroke=\"" + colour + "\" stroke-width=\""
                + (own ? 2.6 : 1.4) + "\"" + dash(families, curve.family()) + "><title>" + Format.html(curve.family())
                + "</title></path>");
        for (Curve.Point point : curve.points()) {
            svg.append("<circle cx=\"" + Format.place(x(point.x())) + "\" cy=\"" + Format.place(y(point.y()))
                    + "\" r=\"" + (own ? 3.6 : 2.6) + "\" fill=\"" + colour + "\"><title>"
                    + Format.html(point.policy() + ": " + Format.times(point.x()) + ", " + curves.yName() + " "
                            + Format.number(point.y(), 4))
                    + "</title></circle>");
        }
    }

    private static String dash(List<String> families, String family) {
        String dashes = Palette.dashes(families, family);
        return dashes.isEmpty() ? "" : " stroke-dasharray=\"" + dashes + "\"";
    }

    /** Returns which line is which. */
    static String legend(Curves curves) {
        List<String> families = curves.curves().stream().map(Curve::family).toList();
        StringBuilder html = new StringBuilder("<p class=\"legend\">");
        for (String family : families) {
            html.append("<span><svg viewBox=\"0 0 30 8\"><line x1=\"0\" x2=\"30\" y1=\"4\" y2=\"4\" stroke=\""
                    + Palette.ofFamily(families, family) + "\" stroke-width=\"" + (Family.isAdaCache(family) ? 3.5 : 2)
                    + "\"" + dash(families, family) + "/></svg>" + Format.html(family) + "</span>");
        }
        return html.append("</p>").toString();
    }

    private double x(double value) {
        double left = 0.95;
        return LEFT + (WIDTH - LEFT - RIGHT) * (value - left) / (right - left);
    }

    private double y(double value) {
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * (value - low) / (high - low);
    }
}
