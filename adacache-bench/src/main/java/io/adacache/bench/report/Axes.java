package io.adacache.bench.report;

import java.util.function.DoubleFunction;

/**
 * The axes of every chart: the one way from a figure to its place on the paper, and the grid with its marks.
 *
 * @param paper where the chart lies
 * @param x what runs to the right
 * @param y what runs upwards
 */
record Axes(Paper paper, Scale x, Scale y) {
    private static final double ROUNDING = 1e-9;

    /**
     * A drawing and the margins around its chart.
     *
     * @param width of the drawing
     * @param height of the drawing
     */
    record Paper(double width, double height, double left, double right, double top, double bottom) {}

    /**
     * The range of an axis.
     *
     * @param low at its beginning
     * @param high at its end
     * @param first the first mark
     * @param interval from mark to mark
     */
    record Scale(double low, double high, double first, double interval) {
        /** Returns a scale that holds a range, with round marks at both ends. */
        static Scale around(double low, double high, double interval) {
            double begin = Math.floor(low / interval + ROUNDING) * interval;
            double end = Math.max(begin + interval, Math.ceil(high / interval - ROUNDING) * interval);
            return new Scale(begin, end, begin, interval);
        }
    }

    /** Returns the smallest round interval (1, 2 or 5 times a power of ten) that cuts a range into so many parts at most. */
    static double interval(double range, int parts) {
        if (!(range > 0) || Double.isInfinite(range)) {
            return 1;
        }
        double power = Math.pow(10, Math.floor(Math.log10(range / parts)));
        for (double factor : new double[] {1, 2, 5}) {
            if (range / parts <= factor * power * (1 + ROUNDING)) {
                return factor * power;
            }
        }
        return 10 * power;
    }

    /** Returns how many decimals tell marks of an interval apart. */
    static int decimals(double interval) {
        return Math.max(0, (int) Math.ceil(-Math.log10(interval) - ROUNDING));
    }

    /** Begins a drawing. */
    StringBuilder begin(String style) {
        return new StringBuilder("<svg class=\"" + style + "\" viewBox=\"0 0 " + Format.place(paper.width) + " "
                + Format.place(paper.height) + "\">");
    }

    /** Writes a chart's title above it. */
    static void title(StringBuilder svg, String title) {
        svg.append("<text class=\"title\" x=\"2\" y=\"13\">" + Format.html(title) + "</text>");
    }

    /** Returns where a figure lies from the left. */
    double atX(double value) {
        double range = x.high == x.low ? 1 : x.high - x.low;
        return paper.left + (paper.width - paper.left - paper.right) * (value - x.low) / range;
    }

    /** Returns where a figure lies from the top. */
    double atY(double value) {
        double range = y.high == y.low ? 1 : y.high - y.low;
        return paper.height - paper.bottom - (paper.height - paper.top - paper.bottom) * (value - y.low) / range;
    }

    /** Draws the lines and marks of the axis that runs upwards. */
    void gridY(StringBuilder svg, DoubleFunction<String> mark) {
        for (int i = 0; y.first + i * y.interval <= y.high + ROUNDING; i++) {
            double value = y.first + i * y.interval;
            line(svg, paper.left, atY(value), paper.width - paper.right, atY(value));
            mark(svg, paper.left - 5, atY(value) + 3, "end", mark.apply(value));
        }
    }

    /** Draws the marks of the axis that runs to the right, with or without lines. */
    void gridX(StringBuilder svg, boolean lines, DoubleFunction<String> mark) {
        for (int i = 0; x.first + i * x.interval <= x.high + ROUNDING; i++) {
            double value = x.first + i * x.interval;
            if (lines) {
                line(svg, atX(value), paper.top, atX(value), paper.height - paper.bottom);
            }
            mark(svg, atX(value), paper.height - paper.bottom + 14, "middle", mark.apply(value));
        }
    }

    /** Says what the axes show: below, and at the left upright. */
    void names(StringBuilder svg, String below, String left) {
        double middle = (paper.top + paper.height - paper.bottom) / 2;
        mark(svg, (paper.left + paper.width - paper.right) / 2, paper.height - 6, "middle", below);
        svg.append("<text class=\"mark\" text-anchor=\"middle\" transform=\"rotate(-90 12 " + Format.place(middle)
                + ")\" x=\"12\" y=\"" + Format.place(middle) + "\">" + Format.html(left) + "</text>");
    }

    private static void line(StringBuilder svg, double x1, double y1, double x2, double y2) {
        svg.append("<line class=\"grid\" x1=\"" + Format.place(x1) + "\" x2=\"" + Format.place(x2) + "\" y1=\""
                + Format.place(y1) + "\" y2=\"" + Format.place(y2) + "\"/>");
    }

    private static void mark(StringBuilder svg, double x, double y, String anchor, String text) {
        svg.append("<text class=\"mark\" text-anchor=\"" + anchor + "\" x=\"" + Format.place(x) + "\" y=\""
                + Format.place(y) + "\">" + Format.html(text) + "</text>");
    }

    /**
     * Draws a dot at a pair of figures.
     *
     * @param look radius, colour and opacity as attributes
     * @param says shown when pointed at
     */
    void dot(StringBuilder svg, double valueX, double valueY, String look, String says) {
        svg.append("<circle cx=\"" + Format.place(atX(valueX)) + "\" cy=\"" + Format.place(atY(valueY)) + "\" " + look
                + "><title>" + Format.html(says) + "</title></circle>");
    }

    /** Returns a line through a pair of figures, to go on from the ones before. */
    String to(boolean first, double valueX, double valueY) {
        return (first ? "M" : "L") + Format.place(atX(valueX)) + " " + Format.place(atY(valueY));
    }
}
