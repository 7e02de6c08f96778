package io.adacache.bench.report;

import com.fasterxml.jackson.databind.JsonNode;
import io.adacache.bench.files.Json;
import io.adacache.bench.scale.ScaleRow;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/**
 * What {@code scale} measured, as text, CSV and a drawing.
 *
 * @param rows in the order of measurement
 */
public record ScaleReport(List<ScaleRow> rows) {
    private static final List<String> HEAD = List.of(
            "model",
            "size",
            "tokens",
            "policy",
            "computed",
            "plain ms",
            "comp/plain",
            "cpu",
            "reused/comp",
            "cpu",
            "of ideal",
            "cpu",
            "own",
            "held",
            "predicted",
            "peak",
            "predicted",
            "resident",
            "its peak");
    private static final Axes.Paper PAPER = new Axes.Paper(580, 330, 56, 14, 26, 36);
    private static final int MARKS = 6;
    private static final double PERCENT = 100;

    /** Copies the rows. */
    public ScaleReport {
        rows = List.copyOf(rows);
    }

    /** Returns the table for a terminal, and below it how things grow. */
    public String text() {
        List<List<String>> cells = new ArrayList<>();
        cells.add(HEAD);
        rows.forEach(row -> cells.add(cells(row)));
        return TextTable.of(cells) + moved() + growth();
    }

    /** What several devices hand to one another; nothing on one. */
    private String moved() {
        StringBuilder text = new StringBuilder();
        for (ScaleRow row : rows) {
            if (row.movedComputedBytes() > 0) {
                text.append(String.format(
                        Locale.ROOT,
                        "%s, %s, %s: devices hand on %s in a computed step, %s in a reused one%n",
                        row.model(),
                        row.size(),
                        row.policy(),
                        Format.bytes(row.movedComputedBytes()),
                        Format.bytes(row.movedReusedBytes())));
            }
        }
        return text.toString();
    }

    private static List<String> cells(ScaleRow row) {
        return List.of(
                row.model() + " " + row.dtype(),
                row.size(),
                Long.toString(row.tokens()),
                row.policy(),
                row.computed() + "/" + row.steps(),
                number(row.plainMs(), 1),
                number(row.computedOverPlain(), 3),
                number(row.computedOverPlainCpu(), 3),
                percent(row.reusedOverComputed()),
                percent(row.reusedOverComputedCpu()),
                number(row.realisedOverIdeal(), 3),
                number(row.realisedOverIdealCpu(), 3),
                percent(row.ownShare()),
                Format.bytes(row.heldBytes()),
                Format.bytes(row.heldPredicted()),
                Format.bytes(row.peakBytes()),
                Format.bytes(row.peakPredicted()),
                Format.bytes(row.residentBytes()),
                Format.bytes(row.residentPeakBytes()));
    }

    private static String number(double value, int decimals) {
        return Double.isNaN(value) ? "-" : Format.number(value, decimals);
    }

    private static String percent(double share) {
        return Double.isNaN(share) ? "-" : Format.number(PERCENT * share, 2) + " %";
    }

    /** With which power of the tokens time and memory grow; a line per model and policy that has several sizes. */
    private String growth() {
        StringBuilder text = new StringBuilder();
        series().forEach((name, of) -> {
            if (of.stream().map(ScaleRow::tokens).distinct().count() > 1) {
                text.append(String.format(
                        Locale.ROOT,
                        "%s: plain grows with tokens^%s, a reused step with ^%s, what is held with ^%s%n",
                        name,
                        number(power(of, ScaleRow::plainMs), 2),
                        number(power(of, ScaleRow::reusedMs), 2),
                        number(power(of, ScaleRow::heldBytes), 2)));
            }
        });
        return text.toString();
    }

    private Map<String, List<ScaleRow>> series() {
        return rows.stream()
                .collect(Collectors.groupingBy(
                        row -> row.model() + " " + row.dtype() + ", " + row.policy(),
                        java.util.LinkedHashMap::new,
                        Collectors.toList()));
    }

    /** The slope of a straight line through the logarithms, by least squares; not a number where there is nothing to fit. */
    static double power(List<ScaleRow> rows, ToDoubleFunction<ScaleRow> of) {
        double x = rows.stream()
                .mapToDouble(row -> Math.log(row.tokens()))
                .average()
                .orElse(0);
        double y = rows.stream()
                .mapToDouble(row -> Math.log(of.applyAsDouble(row)))
                .average()
                .orElse(0);
        double both = 0;
        double alone = 0;
        for (ScaleRow row : rows) {
            double away = Math.log(row.tokens()) - x;
            both += away * (Math.log(of.applyAsDouble(row)) - y);
            alone += away * away;
        }
        double slope = both / alone;
        return Double.isFinite(slope) ? slope : Double.NaN;
    }

    /** Returns a line per row with the fields of the JSON file. */
    public String csv() {
        StringBuilder text = new StringBuilder();
        for (ScaleRow row : rows) {
            JsonNode fields = Json.tree(row);
            if (text.length() == 0) {
                List<String> names = new ArrayList<>();
                fields.fieldNames().forEachRemaining(names::add);
                text.append(String.join(",", names)).append('\n');
            }
            List<String> values = new ArrayList<>();
            for (Iterator<JsonNode> all = fields.elements(); all.hasNext(); ) {
                values.add('"' + all.next().asText().replace("\"", "\"\"") + '"');
            }
            text.append(String.join(",", values)).append('\n');
        }
        return text.toString();
    }

    /** Returns the cost of a reused step over tokens as SVG that stands alone; of policies that reuse. */
    public String svg() {
        Map<String, List<ScaleRow>> drawn = series();
        drawn.values().removeIf(of -> of.stream().allMatch(row -> Double.isNaN(row.reusedOverComputed())));
        double most = rows.stream().mapToDouble(ScaleRow::tokens).max().orElse(1);
        double highest = PERCENT
                * rows.stream()
                        .mapToDouble(ScaleRow::reusedOverComputed)
                        .filter(Double::isFinite)
                        .max()
                        .orElse(1);
        double interval = Axes.interval(most, MARKS);
        Axes axes = new Axes(
                PAPER,
                new Axes.Scale(0, most, 0, interval),
                Axes.Scale.around(0, highest, Axes.interval(highest, MARKS)));
        StringBuilder svg = axes.begin("chart");
        Axes.title(svg, "a reused step, in percent of a computed one, over tokens");
        axes.gridY(svg, value -> Format.number(value, Axes.decimals(axes.y().interval())));
        axes.gridX(svg, true, value -> Format.number(value, 0));
        List<String> names = List.copyOf(drawn.keySet());
        drawn.forEach((name, of) -> draw(svg, axes, Palette.ofFamily(names, name), name, of));
        return standing(svg.append("</svg>").toString());
    }

    private static void draw(StringBuilder svg, Axes axes, String colour, String name, List<ScaleRow> of) {
        StringBuilder path = new StringBuilder();
        for (ScaleRow row : of) {
            double value = PERCENT * row.reusedOverComputed();
            path.append(axes.to(path.length() == 0, row.tokens(), value));
            axes.dot(
                    svg,
                    row.tokens(),
                    value,
                    "r=\"3\" fill=\"" + colour + "\"",
                    name + ": " + percent(value / PERCENT));
        }
        svg.append("<path fill=\"none\" stroke-width=\"1.6\" stroke=\"" + colour + "\" d=\"" + path + "\"/>");
    }

    private static String standing(String svg) {
        return svg.replaceFirst("<svg ", "<svg xmlns=\"http://www.w3.org/2000/svg\" ")
                .replaceFirst(
                        ">",
                        "><style>text{font:11px sans-serif}.grid{stroke:#ddd}.title{font-weight:bold}</style>"
                                + "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>");
    }
}
