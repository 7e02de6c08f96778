package io.adacache.bench.protocol;

import io.adacache.bench.protocol.Method.Kind;
import io.adacache.bench.report.Fact;
import io.adacache.bench.report.Interval;
import io.adacache.bench.report.MethodChart;
import io.adacache.bench.report.PlainText;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What the protocol found, as text.
 *
 * @param title heading
 * @param against the method that all others are held against
 * @param standings of the test
 * @param trials of the search
 * @param worths what adaptivity is worth, by speed; empty where it was not found out
 * @param kinds of the methods, by name
 * @param left methods that were left out, and why
 * @param facts how it was measured
 */
public record ProtocolReport(
        String title,
        String against,
        List<Standing> standings,
        List<Trial> trials,
        List<Worth> worths,
        Map<String, Kind> kinds,
        Map<String, String> left,
        List<Fact> facts) {
    private static final String NONE = "";

    /** Returns a line per method, axis and speed. */
    public String csv() {
        StringBuilder text =
                new StringBuilder("method,axis,speed,psnr_db,psnr_low,psnr_high,psnr_tenth,psnr_worst,motion_kept,"
                        + "motion_kept_least,flicker,shown,lead_db,lead_low,lead_high\n");
        for (Standing each : standings) {
            Interval lead = each.lead();
            text.append(String.join(
                            ",",
                            each.method(),
                            each.axis(),
                            number(each.speed(), 2),
                            interval(each.psnr()),
                            number(each.tenth(), 2),
                            number(each.worst(), 2),
                            number(each.motionKept(), 3),
                            number(each.leastMotionKept(), 3),
                            number(each.flicker(), 3),
                            number(each.shown(), 3),
                            lead == null ? ",," : interval(lead)))
                    .append('\n');
        }
        return text.toString();
    }

    private static String interval(Interval interval) {
        return number(interval.value(), 2) + "," + number(interval.low(), 2) + "," + number(interval.high(), 2);
    }

    private static String number(@Nullable Double value, int decimals) {
        return value == null || value.isNaN() ? NONE : String.format(Locale.ROOT, "%." + decimals + "f", value);
    }

    /** Returns the curves at equal operations or equal time as SVG. */
    public String picture(String axis) {
        Map<String, List<double[]>> lines = new LinkedHashMap<>();
        rows(axis)
                .forEach((method, bySpeed) -> lines.put(
                        method,
                        bySpeed.values().stream()
                                .map(each ->
                                        new double[] {each.speed(), each.psnr().value()})
                                .toList()));
        boolean time = axis.equals("time");
        return MethodChart.svg(title, time ? "speed-up, measured" : "fewer operations", "PSNR in dB", lines);
    }

    /** Returns the lines of the report that say who leads, for the console. */
    public String lead() {
        StringBuilder text = new StringBuilder();
        verdict(text, "time");
        return PlainText.of(text.toString());
    }

    private static String equal(String axis) {
        return axis.equals("time") ? "equal measured time" : "equal floating point operations";
    }

    private void verdict(StringBuilder text, String axis) {
        Verdict verdict = new Verdict(
                against,
                kinds,
                standings.stream().filter(each -> each.axis().equals(axis)).toList());
        text.append("\n## `")
                .append(against)
                .append("` at ")
                .append(equal(axis))
                .append("\n\n");
        verdict.sentences()
                .forEach(sentence -> text.append("- ").append(sentence).append('\n'));
        text.append('\n');
        List<List<String>> rows = verdict.rows();
        line(text, rows.get(0));
        line(text, rows.get(0).stream().map(column -> "---").toList());
        rows.subList(1, rows.size()).forEach(row -> line(text, row));
    }

    /** Returns the report as Markdown. */
    public String markdown() {
        StringBuilder text = new StringBuilder("# " + title + "\n");
        verdict(text, "time");
        verdict(text, "operations");
        for (String axis : List.of("operations", "time")) {
            tables(text, axis, equal(axis));
        }
        worth(text);
        parts(text);
        settings(text);
        text.append("\n## How this was measured\n\n");
        facts.forEach(fact -> text.append("- " + fact.name() + ": " + fact.value() + "\n"));
        left.forEach((method, why) -> text.append("- left out, `" + method + "`: " + why + "\n"));
        return PlainText.of(text.toString());
    }

    private void tables(StringBuilder text, String axis, String equal) {
        table(
                text,
                axis,
                "Mean PSNR in dB at " + equal,
                each -> number(each.psnr().value(), 1));
        table(
                text,
                axis,
                "Lead of `" + against + "` in dB at " + equal
                        + ": mean over prompts, where 95 of 100 draws of prompts lie",
                each -> lead(each.lead()));
        table(
                text,
                axis,
                "PSNR at " + equal + ": a tenth of the prompts is below / worst prompt",
                each -> number(each.tenth(), 1) + " / " + number(each.worst(), 1));
        table(
                text,
                axis,
                "Motion kept (least) at " + equal,
                each -> number(each.motionKept(), 2) + " (" + number(each.leastMotionKept(), 2) + ")");
        table(text, axis, "Flicker over that of the uncached clips at " + equal, each -> number(each.flicker(), 2));
        table(text, axis, "Share of the prompts that is shown at " + equal, each -> number(each.shown(), 3));
    }

    static String lead(@Nullable Interval lead) {
        return lead == null
                ? NONE
                : String.format(Locale.ROOT, "%+.1f (%+.1f..%+.1f)", lead.value(), lead.low(), lead.high());
    }

    private void table(StringBuilder text, String axis, String heading, Function<Standing, String> cell) {
        Map<String, Map<Double, Standing>> rows = rows(axis);
        text.append("\n## ").append(heading).append("\n\n");
        List<String> head = new ArrayList<>(List.of("method"));
        Standings.SPEEDS.forEach(speed -> head.add(number(speed, 2) + "x"));
        line(text, head);
        line(
                text,
                head.stream()
                        .map(column -> column.equals("method") ? "---" : "---:")
                        .toList());
        rows.forEach((method, bySpeed) -> {
            List<String> cells = new ArrayList<>(List.of("`" + method + "`"));
            for (double speed : Standings.SPEEDS) {
                cells.add(Optional.ofNullable(bySpeed.get(speed)).map(cell).orElse(NONE));
            }
            line(text, cells);
        });
    }

    /** Returns the standings of an axis by method and speed. */
    Map<String, Map<Double, Standing>> rows(String axis) {
        Map<String, Map<Double, Standing>> rows = new LinkedHashMap<>();
        standings.stream().filter(each -> each.axis().equals(axis)).forEach(each -> rows.computeIfAbsent(
                        each.method(), key -> new LinkedHashMap<>())
                .put(each.speed(), each));
        return rows;
    }

    private void worth(StringBuilder text) {
        if (worths.isEmpty()) {
            return;
        }
        text.append("\n## How far the oracle is, and what looking at the video is worth\n\n")
                .append(
                        "On the tuning prompts, PSNR in dB. Planned: the best schedule that is the same for all of them."
                                + " Oracle: each prompt has the best of the schedules planned on its own recording, with as many computed"
                                + " steps. Planned schedules know these prompts; the method does not.\n\n");
        line(
                text,
                List.of(
                        "wanted",
                        "computed steps",
                        "`" + against + "`",
                        "planned",
                        "oracle",
                        "fewer steps",
                        "over planned",
                        "behind the oracle"));
        line(text, List.of("---:", "---:", "---:", "---:", "---:", "---:", "---:", "---:"));
        for (Worth worth : worths) {
            Double planned = worth.planned();
            line(
                    text,
                    List.of(
                            number(worth.speed(), 2) + "x",
                            number(worth.computed(), 1),
                            number(worth.online(), 1),
                            number(planned, 1),
                            number(worth.oracle(), 1),
                            number(worth.fewerSteps(), 1),
                            planned == null ? NONE : String.format(Locale.ROOT, "%+.1f", worth.online() - planned),
                            String.format(Locale.ROOT, "%+.1f", worth.oracle() - worth.online())));
        }
    }

    private void parts(StringBuilder text) {
        Map<String, List<Trial>> parts = new LinkedHashMap<>();
        trials.stream()
                .filter(trial -> trial.chosen()
                        && (kinds.get(trial.method()) == Kind.PART
                                || trial.method().equals(against)))
                .forEach(trial -> parts.computeIfAbsent(trial.method(), key -> new ArrayList<>())
                        .add(trial));
        if (parts.keySet().stream().allMatch(against::equals)) {
            return;
        }
        text.append("\n## What the parts of `")
                .append(against)
                .append("` are worth\n\n")
                .append("PSNR in dB on the tuning prompts, by the speed that was wanted; not tested.\n\n");
        List<Double> speeds = trials.stream()
                .filter(trial -> parts.containsKey(trial.method()))
                .map(Trial::speed)
                .distinct()
                .sorted()
                .toList();
        List<String> head = new ArrayList<>(List.of("parts"));
        speeds.forEach(speed -> head.add(number(speed, 2) + "x"));
        line(text, head);
        line(
                text,
                head.stream()
                        .map(column -> column.equals("parts") ? "---" : "---:")
                        .toList());
        parts.forEach((method, all) -> {
            List<String> cells = new ArrayList<>(
                    List.of("`" + method + "`: `" + general(all.get(0).policy()) + "`"));
            speeds.forEach(speed -> cells.add(all.stream()
                    .filter(trial -> trial.speed() == speed)
                    .findFirst()
                    .map(trial -> number(trial.psnr(), 1))
                    .orElse(NONE)));
            line(text, cells);
        });
    }

    private static String general(String policy) {
        return policy.replaceAll("calls=\\d+", "calls=N");
    }

    private void settings(StringBuilder text) {
        text.append("\n## The settings that the search chose\n\n");
        line(text, List.of("method", "wanted", "computed steps", "PSNR on tuning prompts", "tested", "policy"));
        line(text, List.of("---", "---:", "---:", "---:", "---", "---"));
        for (Trial trial : trials) {
            if (trial.chosen()) {
                line(
                        text,
                        List.of(
                                "`" + trial.method() + "`",
                                number(trial.speed(), 2) + "x",
                                number(trial.work(), 1),
                                number(trial.psnr(), 2),
                                trial.tested() ? "yes" : "no",
                                "`" + trial.policy() + "`"));
            }
        }
    }

    private static void line(StringBuilder text, List<String> cells) {
        text.append("| ").append(String.join(" | ", cells)).append(" |\n");
    }

    /** Returns all of it as maps and lists, for a JSON writer. */
    public Map<String, Object> json() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("title", title);
        json.put("against", against);
        json.put("standings", standings);
        json.put("trials", trials);
        json.put("adaptivity", worths);
        json.put("left_out", left);
        json.put("facts", Objects.requireNonNull(facts));
        return json;
    }
}
