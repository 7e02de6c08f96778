package io.adacache.bench.report;

import io.adacache.bench.pipeline.Pictures;
import io.adacache.event.StepRecord;
import io.adacache.policy.Figures;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.OptionalDouble;

/** A comparison as one HTML file that needs nothing else: clips, charts and style are inside. */
public final class HtmlReport {
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
        add(
                "<section class=\"overview\"><figure><figcaption>Speed against quality: small dots are clips, large dots are"
                        + " means</figcaption>" + new TradeOffChart(comparison).svg() + "</figure>");
        table();
        add("</section>");
        for (int i = 0; i < comparison.prompts().size(); i++) {
            prompt(i);
        }
        facts();
        return add("</main></body></html>\n").toString();
    }

    private StringBuilder add(String text) {
        return html.append(text);
    }

    private static String style() {
        try (InputStream in = HtmlReport.class.getResourceAsStream("report.css")) {
            if (in == null) {
                throw new IllegalStateException("This program was built without report.css");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new IllegalStateException("report.css cannot be read: " + e, e);
        }
    }

    private String swatch(String policy) {
        return "<i class=\"swatch\" style=\"background:" + Palette.of(comparison, policy) + "\"></i>"
                + Format.html(policy);
    }

    private void cards() {
        add("<section class=\"cards\">");
        for (Summary summary : comparison.summaries()) {
            if (!summary.policy().equals(Comparison.UNCACHED)) {
                add("<div class=\"card\" style=\"border-color:" + Palette.of(comparison, summary.policy()) + "\"><h3>"
                        + Format.html(summary.policy()) + "</h3><p class=\"big\">" + Format.times(summary.speedup())
                        + "</p><p>" + Format.number(summary.psnrDb(), 1) + " dB PSNR &middot; "
                        + Format.number(summary.ssim(), 3) + " SSIM</p><p>"
                        + Format.number(summary.computedSteps(), 1) + " steps computed</p></div>");
            }
        }
        add("</section>");
    }

    private void table() {
        add(
                "<div class=\"scroll\"><table><thead><tr><th>policy<th>steps computed<th>latency<th>speed-up<th>ideal"
                        + "<th>of ideal<th>PSNR<th>SSIM<th>at rest<th>at peak<th>computed step<th>reused step</tr></thead><tbody>");
        for (Summary summary : comparison.summaries()) {
            String range = summary.fewestSteps() == summary.mostSteps()
                    ? ""
                    : " <small>" + summary.fewestSteps() + "&ndash;" + summary.mostSteps() + "</small>";
            add("<tr><th>" + swatch(summary.policy()));
            cell(Format.number(summary.computedSteps(), 1) + range);
            cell(Format.number(summary.latencyMs(), 0) + " ms");
            cell("<b>" + Format.times(summary.speedup()) + "</b>");
            cell(Format.times(summary.idealSpeedup()));
            cell(Format.number(summary.ofIdeal() * 100, 0) + " %");
            cell(summary.psnrDb() == null ? "-" : Format.number(summary.psnrDb(), 1) + " dB");
            cell(Format.number(summary.ssim(), 3));
            cell(Format.bytes(summary.bytesHeld()));
            cell(Format.bytes(summary.bytesPeak()));
            cell(summary.computedStepMs() == null ? "-" : Format.number(summary.computedStepMs(), 1) + " ms");
            cell(summary.reusedStepMs() == null ? "-" : Format.number(summary.reusedStepMs(), 2) + " ms");
            add("</tr>");
        }
        add("</tbody></table></div>");
    }

    private void cell(String content) {
        add("<td>" + content + "</td>");
    }

    private void prompt(int index) {
        List<Run> runs = comparison.ofPrompt(index);
        add("<section class=\"prompt\"><h2>" + Format.html(comparison.prompts().get(index)) + " <small>seed "
                + runs.get(0).result().seed() + "</small></h2><div class=\"clips\">");
        runs.forEach(this::clip);
        add("</div><div class=\"charts\">");
        int steps = runs.get(0).result().steps();
        chart("distance that the codebook sees", Figures.METRIC, steps, false, runs);
        chart("motion score", Figures.MOTION, steps, false, runs);
        chart("cache rate (steps to the next computation)", Figures.RATE, steps, true, runs);
        add("</div></section>");
    }

    private void clip(Run run) {
        Result result = run.result();
        String gif =
                Base64.getEncoder().encodeToString(Pictures.gif(run.generated().clip(), comparison.fps(), 1));
        add("<figure class=\"clip\"><img alt=\"" + Format.html(result.policy() + ": " + result.prompt())
                + "\" src=\"data:image/gif;base64," + gif + "\"><figcaption>" + swatch(result.policy())
                + "</figcaption>"
                + StepStrip.svg(run.generated().trace().steps(), Palette.of(comparison, result.policy()))
                + "<p>" + result.computedSteps() + " of " + result.steps() + " steps &middot; "
                + Format.number(result.latencyMs(), 0) + " ms</p><p>");
        add(
                result.psnrDb() == null
                        ? "the reference"
                        : "<b>" + Format.times(result.speedup()) + "</b> &middot; " + Format.number(result.psnrDb(), 1)
                                + " dB &middot; " + Format.number(result.ssim(), 3));
        add("</p>");
        for (String warning : run.generated().stats().warnings()) {
            add("<p class=\"note\" title=\"" + Format.html(warning) + "\">note: " + Format.html(warning) + "</p>");
        }
        add("</figure>");
    }

    private void chart(String title, String figure, int steps, boolean stairs, List<Run> runs) {
        List<LineChart.Line> lines = new ArrayList<>();
        for (Run run : runs) {
            List<LineChart.Point> points = new ArrayList<>();
            for (StepRecord step : run.generated().trace().steps()) {
                for (Figures figures : step.figures()) {
                    OptionalDouble value = figures.get(figure);
                    if (value.isPresent()) {
                        points.add(new LineChart.Point(step.step(), value.getAsDouble()));
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
