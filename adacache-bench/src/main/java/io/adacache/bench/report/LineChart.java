package io.adacache.bench.report;

import java.util.List;

/**
 * A small chart of figures over steps.
 *
 * @param title what is drawn
 * @param lastStep right end of the axis; the left end is step 1
 * @param stairs whether a value holds until the next one
 * @param lines what is drawn
 */
record LineChart(String title, int lastStep, boolean stairs, List<Line> lines) {
    private static final Axes.Paper PAPER = new Axes.Paper(370, 150, 36, 8, 24, 20);
    private static final int MARKS = 4;

    /**
     * A line.
     *
     * @param name shown when pointed at
     * @param colour of the line
     * @param points step and value, ascending
     */
    record Line(String name, String colour, List<Point> points) {}

    /** A value of a step. */
    record Point(int step, double value) {}

    /** Whether there is anything to draw. */
    boolean isEmpty() {
        return lines.stream().allMatch(line -> line.points().isEmpty());
    }

    /** Returns the chart as SVG. */
    String svg() {
        Axes axes = axes();
        StringBuilder svg = axes.begin("chart");
        Axes.title(svg, title);
        axes.gridY(svg, LineChart::mark);
        axes.gridX(svg, false, LineChart::mark);
        lines.forEach(line -> draw(svg, line, axes));
        return svg.append("</svg>").toString();
    }

    private Axes axes() {
        double largest = lines.stream()
                .flatMap(line -> line.points().stream())
                .mapToDouble(Point::value)
                .filter(Double::isFinite)
                .max()
                .orElse(1);
        double interval = Axes.interval(largest, MARKS);
        int every = Math.max(1, (int) Math.ceil(lastStep / 6.0 / 5) * 5);
        return new Axes(
                PAPER,
                new Axes.Scale(1, Math.max(2, lastStep), every, every),
                Axes.Scale.around(0, largest, stairs ? Math.max(1, interval) : interval));
    }

    private void draw(StringBuilder svg, Line line, Axes axes) {
        StringBuilder path = new StringBuilder();
        StringBuilder dots = new StringBuilder();
        double before = Double.NaN;
        for (Point point : line.points()) {
            if (!Double.isFinite(point.value())) {
                continue;
            }
            if (stairs && !Double.isNaN(before)) {
                path.append(axes.to(false, point.step(), before));
            }
            path.append(axes.to(Double.isNaN(before), point.step(), point.value()));
            before = point.value();
            axes.dot(
                    dots,
                    point.step(),
                    point.value(),
                    "r=\"2.2\" fill=\"" + line.colour() + "\"",
                    line.name() + ", step " + point.step() + ": " + mark(point.value()));
        }
        if (stairs && !Double.isNaN(before)) {
            path.append(axes.to(false, lastStep, before));
        }
        svg.append("<path fill=\"none\" stroke-width=\"1.6\" stroke=\"" + line.colour() + "\" d=\"" + path + "\"/>")
                .append(dots);
    }

    private static String mark(double value) {
        return value == Math.rint(value)
                ? Long.toString((long) value)
                : Format.number(value, Math.abs(value) < 0.1 ? 3 : 2);
    }
}
