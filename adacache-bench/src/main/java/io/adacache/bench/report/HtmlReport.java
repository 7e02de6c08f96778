package io.adacache.bench.report;

import io.adacache.bench.files.Resources;
import io.adacache.bench.pipeline.Pictures;
import io.adacache.policy.Figures;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A comparison as one HTML file that needs nothing else: clips, charts and style are inside. */
public final class HtmlReport {
    private static final double GIGA = 1e9;

    private final Comparison comparison;
    private final StringBuilder html = new StringBuilder();

    private HtmlReport(Comparison comparison) {
        this.comparison = comparison;
    }

    /** Returns the file's text. */
    public static String of(Comparison comparison) {
        return new HtmlReport(comparison).write();
    }

    private String write() {
        add("<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\">");
        add("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>");
        add(Format.html(comparison.title()) + "</title><style>" + style() + "</style></head><body><main>");
        add("<h1>" + Format.html(comparison.title()) + "</h1>");
        add(
                "<p class=\"lead\">The same noise, the same prompt: once with every step computed (<b>none</b>), then with residuals"
                        + " of the transformer reused for as long as a policy thinks it safe. Every figure compares a clip with its"
                        + " uncached twin, measured in the same run.</p>");
        cards();
        add("<section class=\"overview\">");
        if (comparison.isSweep()) {
            curves();
        } else {
            add("<figure><figcaption>Speed against quality: small dots are clips, large dots are means</figcaption>"
                    + new TradeOffChart(comparison).svg() + "</figure>");
        }
        table();
        add("</section>");
        for (int i = 0; i < comparison.cases().size(); i++) {
            clips(i);
        }
        facts();
        return add("</main></body></html>\n").toString();
    }

    private StringBuilder add(String text) {
        return html.append(text);
    }

    private static String style() {
        return Resources.text("/io/adacache/bench/report/report.css");
    }

    private String swatch(String policy) {
        return swatch(policy, policy);
    }

    private String swatch(String policy, String label) {
        return "<i class=\"swatch\" style=\"background:" + Palette.of(comparison, policy) + "\"></i>"
                + Format.html(label);
    }

    private void cards() {
        add("<section class=\"cards\">");
        for (Summary summary : comparison.summaries()) {
            if (!summary.policy().equals(Comparison.UNCACHED)
                    && comparison.shown().contains(summary.policy())) {
                add("<div class=\"card\" style=\"border-color:" + Palette.of(comparison, summary.policy()) + "\"><h3>"
                        + heading(summary) + "<p class=\"big\">"
                        + Format.times(summary.medianSpeedup())
                        + "</p><p>" + Format.number(summary.psnrDb(), 1) + " dB PSNR &middot; "
                        + Format.number(summary.ssim(), 3) + " SSIM</p><p>"
                        + Format.number(summary.computedSteps(), 1) + " steps computed</p></div>");
            }
        }
        add("</section>");
    }

    private String heading(Summary summary) {
        return comparison.isSweep()
                ? Format.html(summary.family()) + "</h3><small>" + Format.html(summary.policy()) + "</small>"
                : Format.html(summary.label()) + "</h3>";
    }

    private void table() {
        add(
                "<div class=\"scroll\"><table><thead><tr><th>policy<th>steps computed<th>latency<th>speed-up<th>ideal"
                        + "<th>of ideal<th>PSNR<th>SSIM<th>LPIPS<th>GFLOP<th>flicker<th>motion<th>motion kept (worst)<th>at rest<th>at peak<th>computed step<th>reused step</tr></thead><tbody>");
        comparison.summaries().forEach(this::row);
        add("</tbody></table></div>");
    }

    private void row(Summary summary) {
        String range = summary.fewestSteps() == summary.mostSteps()
                ? ""
                : " <small>" + summary.fewestSteps() + "&ndash;" + summary.mostSteps() + "</small>";
        add("<tr><th><span class=\"policy\">" + swatch(summary.policy(), summary.label()) + "</span>");
        cell(Format.number(summary.computedSteps(), 1) + range);
        cell(Format.number(summary.medianLatencyMs(), 0) + " ms");
        cell("<b>" + Format.times(summary.medianSpeedup()) + "</b> " + range(summary.speedupInterval(), 2));
        cell(Format.times(summary.idealSpeedup()));
        cell(Format.number(summary.ofIdeal() * 100, 0) + " %");
        cell(
                summary.psnrDb() == null
                        ? "-"
                        : Format.number(summary.psnrDb(), 2) + " dB " + range(summary.psnrInterval(), 1));
        cell(Format.number(summary.ssim(), 4));
        cell(Format.lpips(summary));
        cell(summary.flops() == null ? "-" : Format.number(summary.flops() / GIGA, 1));
        cell(Format.number(summary.flicker(), 4));
        cell(Format.number(summary.motion(), 4));
        cell(Format.motionKept(summary));
        cell(Format.bytes(summary.bytesHeld()));
        cell(Format.bytes(summary.bytesPeak()));
        cell(summary.computedStepMs() == null ? "-" : Format.number(summary.computedStepMs(), 1) + " ms");
        cell(summary.reusedStepMs() == null ? "-" : Format.number(summary.reusedStepMs(), 2) + " ms");
        add("</tr>");
    }

    private void cell(String content) {
        add("<td>" + content + "</td>");
    }

    private static String range(@Nullable Interval interval, int decimals) {
        return interval == null ? "" : "<small>" + interval.range(decimals) + "</small>";
    }

    private void curves() {
        List<Summary> summaries = comparison.summaries();
        add(
                "<h2>Quality over speed, a curve per method</h2><p>Every point is a setting, mean over all clips; the line is the"
                        + " upper envelope of a method's settings.</p><div class=\"pair\">");
        for (Curves.Speed speed : Curves.Speed.values()) {
            for (Curves.Quality quality : Curves.Quality.values()) {
                Curves curves = Curves.of(summaries, speed, quality);
                if (!curves.curves().isEmpty()) {
                    add("<figure>" + new CurveChart(curves).svg() + "</figure>");
                }
            }
        }
        add("</div>" + CurveChart.legend(Curves.of(summaries, Curves.Speed.LATENCY, Curves.Quality.PSNR)));
        margins(summaries);
        add("<h2>All settings</h2>");
    }

    /** Only where another method ran: a heading over nothing says nothing. */
    private void margins(List<Summary> summaries) {
        if (Curves.of(summaries, Curves.Speed.LATENCY, Curves.Quality.PSNR)
                .margins()
                .isEmpty()) {
            return;
        }
        add(
                "<h2>AdaCache against each method</h2><p>The best of AdaCache's settings less the best of the method's, from"
                        + " 1.05x to the method's fastest setting; red where AdaCache is behind somewhere.</p><div class=\"pair\">");
        for (Curves.Speed speed : Curves.Speed.values()) {
            for (Curves.Quality quality : Curves.Quality.values()) {
                margins(Curves.of(summaries, speed, quality));
            }
        }
        add("</div>");
    }

    private void margins(Curves curves) {
        if (curves.margins().isEmpty()) {
            return;
        }
        add(
                "<div class=\"scroll\"><table><caption>" + Format.html(curves.yName() + " over " + curves.xName())
                        + "</caption><thead><tr><th>method<th>fastest<th>least lead<th>at<th>mean lead<th>behind</tr></thead><tbody>");
        for (Curves.Margin margin : curves.margins()) {
            List<String> cells = MarginText.of(margin, curves.yName().startsWith("SSIM") ? 4 : 2);
            add("<tr" + (margin.behind() > 0 ? " class=\"behind\"" : "") + "><th>" + Format.html(cells.get(0)));
            cells.subList(1, cells.size()).forEach(this::cell);
            add("</tr>");
        }
        add("</tbody></table></div>");
    }

    private void clips(int index) {
        Case made = comparison.cases().get(index);
        List<String> shown = comparison.shown();
        List<Run> runs = comparison.ofCase(index).stream()
                .filter(run -> shown.contains(run.result().policy()))
                .toList();
        add("<section class=\"prompt\"><h2>" + Format.html(made.prompt()) + " <small>seed " + made.seed()
                + (comparison.stepCounts().size() > 1 ? ", " + made.steps() + " steps" : "")
                + "</small></h2><div class=\"clips\">");
        runs.forEach(this::clip);
        add("</div><div class=\"charts\">");
        int steps = made.steps();
        chart("distance that the codebook sees", Figures.METRIC, steps, false, runs);
        chart("motion score", Figures.MOTION, steps, false, runs);
        chart("cache rate (steps to the next computation)", Figures.RATE, steps, true, runs);
        add("</div></section>");
    }

    private void clip(Run run) {
        Result result = run.result();
        String gif = Base64.getEncoder().encodeToString(Pictures.gif(run.clip(), comparison.fps(), 1));
        add("<figure class=\"clip\"><img alt=\"" + Format.html(result.policy() + ": " + result.prompt())
                + "\" src=\"data:image/gif;base64," + gif + "\"><figcaption>" + swatch(result.policy())
                + "</figcaption>"
                + StepStrip.svg(run.steps(), Palette.of(comparison, result.policy()))
                + "<p>" + result.computedSteps() + " of " + result.steps() + " steps &middot; "
                + Format.number(result.latencyMs(), 0) + " ms</p><p>");
        add(
                result.psnrDb() == null
                        ? "the reference"
                        : "<b>" + Format.times(result.speedup()) + "</b> &middot; " + Format.number(result.psnrDb(), 1)
                                + " dB &middot; " + Format.number(result.ssim(), 3));
        add("</p>");
        for (String warning : run.warnings()) {
            add("<p class=\"note\" title=\"" + Format.html(warning) + "\">note: " + Format.html(warning) + "</p>");
        }
        add("</figure>");
    }

    private void chart(String title, String figure, int steps, boolean stairs, List<Run> runs) {
        List<LineChart.Line> lines = new ArrayList<>();
        for (Run run : runs) {
            List<LineChart.Point> points = new ArrayList<>();
            for (StepLine step : run.steps()) {
                for (Map<String, Double> figures : step.figures()) {
                    if (figures.containsKey(figure)) {
                        points.add(new LineChart.Point(step.step(), figures.get(figure)));
                    }
                }
            }
            String policy = run.result().policy();
            lines.add(new LineChart.Line(policy, Palette.of(comparison, policy), points));
        }
        LineChart chart = new LineChart(title, steps, stairs, lines);
        if (!chart.isEmpty()) {
            add(chart.svg());
        }
    }

    private void facts() {
        add("<section class=\"facts\"><h2>How this was measured</h2><dl>");
        for (Fact fact : comparison.facts()) {
            add("<dt>" + Format.html(fact.name()) + "</dt><dd>" + Format.html(fact.value()) + "</dd>");
        }
        add("</dl></section>");
    }
}
