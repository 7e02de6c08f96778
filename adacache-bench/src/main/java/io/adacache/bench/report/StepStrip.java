package io.adacache.bench.report;

import java.util.List;
import java.util.Locale;

/** A strip with a cell per step: filled where it was computed, half filled where it was computed in part. */
final class StepStrip {
    private static final double HEIGHT = 14;
    private static final double WIDTH = 300;

    private StepStrip() {}

    /** Returns the strip as SVG. */
    static String svg(List<StepLine> steps, String colour) {
        double cell = WIDTH / Math.max(1, steps.size());
        StringBuilder svg = new StringBuilder("<svg class=\"strip\" viewBox=\"0 0 " + Format.place(WIDTH) + " "
                + Format.place(HEIGHT) + "\" preserveAspectRatio=\"none\">");
        for (int i = 0; i < steps.size(); i++) {
            StepLine step = steps.get(i);
            boolean partial = step.state() == StepLine.State.PARTIAL;
            svg.append(String.format(
                    Locale.ROOT,
                    "<rect x=\"%s\" width=\"%s\" height=\"%s\" fill=\"%s\"%s><title>%s</title></rect>",
                    Format.place(i * cell),
                    Format.place(Math.max(0.8, cell - 1)),
                    Format.place(HEIGHT),
                    step.state() == StepLine.State.REUSED ? "#e4e4df" : colour,
                    partial ? " fill-opacity=\"0.45\"" : "",
                    Format.html(title(step))));
        }
        return svg.append("</svg>").toString();
    }

    private static String title(StepLine step) {
        String what =
                switch (step.state()) {
                    case COMPUTED -> "computed";
                    case REUSED -> "reused";
                    case PARTIAL -> "computed in part";
                };
        return "step " + step.step() + ": " + what + " (" + String.join(", ", step.reasons()) + "), "
                + Format.number(step.millis(), 1) + " ms";
    }
}
