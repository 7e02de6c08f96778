package io.adacache.bench.report;

import io.adacache.event.SpanRecord;
import io.adacache.event.StepRecord;
import java.util.List;

/** A strip with a cell per step: filled where it was computed, half filled where it was computed in part. */
final class StepStrip {
    private static final double HEIGHT = 14;
    private static final double WIDTH = 300;

    private StepStrip() {}

    /** Returns the strip as SVG. */
    static String svg(List<StepRecord> steps, String colour) {
        double cell = WIDTH / Math.max(1, steps.size());
        StringBuilder svg = new StringBuilder("<svg class=\"strip\" viewBox=\"0 0 " + Format.place(WIDTH) + " "
                + Format.place(HEIGHT) + "\" preserveAspectRatio=\"none\">");
        for (int i = 0; i < steps.size(); i++) {
            StepRecord step = steps.get(i);
            String fill = step.isReused() ? "#e4e4df" : colour;
            String look = step.isComputed() || step.isReused() ? "" : " fill-opacity=\"0.45\"";
            svg.append("<rect x=\"")
                    .append(Format.place(i * cell))
                    .append("\" width=\"")
                    .append(Format.place(Math.max(0.8, cell - 1)))
                    .append("\" height=\"")
                    .append(Format.place(HEIGHT))
                    .append("\" fill=\"")
                    .append(fill)
                    .append('"')
                    .append(look)
                    .append("><title>")
                    .append(Format.html(title(step)))
                    .append("</title></rect>");
        }
        return svg.append("</svg>").toString();
    }

    private static String title(StepRecord step) {
        String what = step.isComputed() ? "computed" : step.isReused() ? "reused" : "computed in part";
        List<String> reasons = step.spans().stream()
                .map(SpanRecord::reason)
                .map(reason -> reason.id())
                .distinct()
                .toList();
        return "step " + step.step() + ": " + what + " (" + String.join(", ", reasons) + "), "
                + Format.number(step.nanos() / 1e6, 1) + " ms";
    }
}
