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
    private static final double WIDTH = 370;
    private static final double HEIGHT = 150;
    private static final double LEFT = 36;
    private static final double RIGHT = 8;
    private static final double TOP = 24;
    private static final double BOTTOM = 20;

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
        double largest = lines.stream()
                .flatMap(line -> line.points().stream())
                .mapToDouble(Point::value)
                .filter(Double::isFinite)
                .max()
                .orElse(1);
        double interval = interval(largest);
        double top = interval * Math.max(1, Math.ceil(largest / interval - 1e-9));
        StringBuilder svg = new StringBuilder("<svg class=\"chart\" viewBox=\"0 0 " + Format.place(WIDTH) + " "
                + Format.place(HEIGHT) + "\"><text class=\"title\" x=\"2\" y=\"13\">" + Format.html(title) + "</text>");
        grid(svg, interval, top);
        lines.forEach(line -> draw(svg, line, top));
        return svg.append("</svg>").toString();
    }

    private void grid(StringBuilder svg, double interval, double top) {
        for (int i = 0; i * interval <= top + interval / 2; i++) {
            double value = i * interval;
            double y = y(value, top);
            svg.append("<line class=\"grid\" x1=\"" + LEFT + "\" x2=\"" + (WIDTH - RIGHT) + "\" y1=\"" + Format.place(y)
                    + "\" y2=\"" + Format.place(y) + "\"/><text class=\"mark\" text-anchor=\"end\" x=\"" + (LEFT - 4)
                    + "\" y=\"" + Format.place(y + 3) + "\">" + mark(value) + "</text>");
        }
        int every = Math.max(1, (int) Math.ceil(lastStep / 6.0 / 5) * 5);
        for (int step = every; step <= lastStep; step += every) {
            svg.append("<text class=\"mark\" text-anchor=\"middle\" x=\"" + Format.place(x(step)) + "\" y=\""
                    + Format.place(HEIGHT - 6) + "\">" + step + "</text>");
        }
    }

    private void draw(StringBuilder svg, Line line, double top) {
        StringBuilder path = new StringBuilder();
        StringBuilder dots = new StringBuilder();
        double before = 0;
        for (Point point : line.points()) {
            if (!Double.isFinite(point.value())) {
                continue;
            }
            double x = x(point.step());
            double y = y(point.value(), top);
            if (path.length() == 0) {
                path.append('M').append(Format.place(x)).append(' ').append(Format.place(y));
            } else if (stairs) {
                path.append('L').append(Format.place(x)).append(' ').append(Format.place(before));
                path.append('L').append(Format.place(x)).append(' ').append(Format.place(y));
            } else {
                path.append('L').append(Format.place(x)).append(' ').append(Format.place(y));
            }
            before = y;
            dots.append("<circle cx=\"" + Format.place(x) + "\" cy=\"" + Format.place(y) + "\" r=\"2.2\" fill=\""
                    + line.colour() + "\"><title>" + Format.html(line.name()) + ", step " + point.step() + ": "
                    + mark(point.value()) + "</title></circle>");
        }
        if (stairs && !line.points().isEmpty()) {
            path.append('L').append(Format.place(x(lastStep))).append(' ').append(Format.place(before));
        }
        svg.append("<path fill=\"none\" stroke-width=\"1.6\" stroke=\"" + line.colour() + "\" d=\"" + path + "\"/>")
                .append(dots);
    }

    private double x(int step) {
        return LEFT + (WIDTH - LEFT - RIGHT) * (step - 1) / Math.max(1, lastStep - 1);
    }

    private static double y(double value, double top) {
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * value / top;
    }

    private static String mark(double value) {
        return value == Math.rint(value)
                ? Long.toString((long) value)
                : Format.number(value, Math.abs(value) < 0.1 ? 3 : 2);
    }

    /** Returns a round distance between marks that gives three to five of them. */
    private double interval(double largest) {
        if (!(largest > 0)) {
            return 1;
        }
        double unit = Math.pow(10, Math.floor(Math.log10(largest / 4)));
        for (double factor : new double[] {1, 2, 5}) {
            if (largest / 4 <= factor * unit) {
                return stairs ? Math.max(1, factor * unit) : factor * unit;
            }
        }
        return 10 * unit;
    }
}
