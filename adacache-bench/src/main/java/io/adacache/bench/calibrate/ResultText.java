package io.adacache.bench.calibrate;

import io.adacache.Calibration.Outcome;
import io.adacache.Calibration.Point;
import io.adacache.Calibration.Psnr;
import io.adacache.Calibration.Result;
import io.adacache.bench.files.Json;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What a calibration found, as JSON and for people. */
public final class ResultText {
    private static final int CLOSE = 4;

    private ResultText() {}

    /**
     * Returns the JSON.
     *
     * @param scope where the fit holds, by name
     */
    public static String json(Result result, Map<String, Object> scope) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put(
                "target",
                Map.of(
                        result.target().kind().name().toLowerCase(Locale.ROOT),
                        result.target().value()));
        json.put("setting", result.setting());
        json.put("template", result.template());
        json.put("reachable", result.reachable());
        json.put("promised", result.promised());
        json.put("why", result.why());
        json.put("predicted", outcome(result.predicted()));
        json.put("measured", outcome(result.measured()));
        json.put("generations_spent", result.generations());
        json.put("estimate_agreement", Double.isNaN(result.agreement()) ? null : result.agreement());
        json.put("bytes_held", result.bytesHeld());
        json.put("scope", scope);
        json.put("curve", result.curve().stream().map(ResultText::point).toList());
        return Json.text(json);
    }

    private static Map<String, Object> outcome(Outcome outcome) {
        Psnr psnr = outcome.psnr();
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("speedup", ordered("operations", outcome.operations(), "wall_clock", outcome.wallClock()));
        json.put("seconds", outcome.seconds());
        json.put("psnr", ordered("mean", psnr.mean(), "low", psnr.low(), "high", psnr.high(), "worst", psnr.worst()));
        json.put("prompts", outcome.prompts());
        return json;
    }

    private static Map<String, Object> point(Point point) {
        return ordered(
                "setting",
                point.setting(),
                "value",
                point.value(),
                "speedup",
                point.operations(),
                "psnr",
                point.psnr());
    }

    private static Map<String, Object> ordered(Object... namesAndValues) {
        Map<String, Object> fields = new LinkedHashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            fields.put((String) namesAndValues[i], namesAndValues[i + 1]);
        }
        return fields;
    }

    /** Returns lines for the console. */
    public static String lines(Result result) {
        StringBuilder text = new StringBuilder();
        text.append(String.format(Locale.ROOT, "%s: %s%n  %s%n", result.target(), verdict(result), result.why()));
        text.append(String.format(Locale.ROOT, "setting    %s%n", result.setting()));
        text.append(line("predicted", result.predicted()));
        text.append(line("measured", result.measured()));
        text.append(String.format(
                Locale.ROOT,
                "spent      as much as %.1f uncached generations; %d KiB held%n",
                result.generations(),
                result.bytesHeld() / 1024));
        text.append(String.format(
                Locale.ROOT,
                "guard      estimated error and PSNR agree in rank to %.2f over all real runs%n",
                result.agreement()));
        List<Point> close = result.curve().stream()
                .sorted(Comparator.comparingDouble(point -> Math.abs(
                        Math.log(point.operations() / result.predicted().operations()))))
                .limit(CLOSE)
                .sorted(Comparator.comparingDouble(Point::operations))
                .toList();
        text.append("near it\n");
        close.forEach(point -> text.append(String.format(
                Locale.ROOT, "  %5.2fx  %5.1f dB  %s%n", point.operations(), point.psnr(), point.setting())));
        return text.toString();
    }

    private static String verdict(Result result) {
        if (!result.reachable()) {
            return "out of reach";
        }
        return result.promised() ? "found" : "found on these prompts, not to be promised of others to 1 dB";
    }

    private static String line(String name, Outcome outcome) {
        return String.format(
                Locale.ROOT,
                "%-10s %.2fx fewer operations, %.2fx faster (%.3g s); %.1f dB (%.1f to %.1f, worst %.1f) on %d prompts%n",
                name,
                outcome.operations(),
                outcome.wallClock(),
                outcome.seconds(),
                outcome.psnr().mean(),
                outcome.psnr().low(),
                outcome.psnr().high(),
                outcome.psnr().worst(),
                outcome.prompts());
    }
}
