package io.adacache.bench.plan;

import io.adacache.event.Trace;
import io.adacache.policy.CachePolicy;
import io.adacache.tune.Fitting;
import io.adacache.tune.Fitting.ReuseErrors;
import io.adacache.tune.Fitting.ScheduleErrors;
import io.adacache.tune.Recording;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A policy on a recording, beside the best schedules and the evenly spaced one of as many computed steps.
 *
 * @param policy as it was asked for
 * @param schedule what it computes and reuses
 * @param errors what reuse costs, a proxy
 * @param best the schedule of the same number of computed steps with the least cost; null where some steps are computed in part
 * @param even the evenly spaced one; null likewise
 * @param forecasts what reuse costs with forecasts, likewise a proxy
 * @param planned the schedule of as many computed steps with the least cost with forecasts, fourth powers added; null likewise
 */
public record Replayed(
        String policy,
        Trace schedule,
        ReuseErrors errors,
        @Nullable List<Integer> best,
        @Nullable List<Integer> even,
        ScheduleErrors forecasts,
        @Nullable List<Integer> planned) {
    /** The power to which runs of reused steps are added up: a few large errors are worse than many small ones. */
    public static final double POWER = 4;

    private static final double THOUSAND = 1000;

    /** Replays a policy. */
    public static Replayed of(Recording recording, String name, CachePolicy policy) {
        Trace schedule = recording.replay(policy);
        ReuseErrors errors = ReuseErrors.of(recording);
        int computed = schedule.computedSteps().size();
        boolean whole = schedule.partialSteps().isEmpty();
        ScheduleErrors forecasts = Fitting.scheduleErrors(List.of(recording));
        return new Replayed(
                name,
                schedule,
                errors,
                whole ? errors.best(computed) : null,
                whole ? errors.even(computed) : null,
                forecasts,
                whole ? forecasts.best(computed, POWER) : null);
    }

    /** Returns a table: per policy its schedule, below it the best and the evenly spaced one. */
    public static String table(List<Replayed> all) {
        StringBuilder text = new StringBuilder();
        int width = all.stream().mapToInt(one -> one.policy.length()).max().orElse(1);
        int steps = all.isEmpty() ? 1 : all.get(0).schedule.steps().size();
        String head = "%-" + width + "s  %-" + steps + "s  %8s  %6s  %8s  %8s  %8s%n";
        text.append(String.format(
                Locale.ROOT, head, "policy", "schedule", "computed", "work", "cost", "worst", "forecast"));
        for (Replayed one : all) {
            List<Integer> computed = one.schedule.computedSteps();
            boolean whole = one.best != null;
            text.append(String.format(
                    Locale.ROOT,
                    head,
                    one.policy,
                    ScheduleSheet.strip(one.schedule),
                    computed.size(),
                    String.format(Locale.ROOT, "%.1f", one.schedule.work()),
                    whole ? thousandths(one.errors.cost(computed)) : "-",
                    whole ? thousandths(one.errors.worst(computed)) : "-",
                    whole ? thousandths(one.forecasts.cost(computed, 1)) : "-"));
            if (whole && computed.size() < steps) {
                text.append(String.format(Locale.ROOT, head, one.line("  best", one.best, steps)));
                text.append(String.format(Locale.ROOT, head, one.line("  even", one.even, steps)));
                text.append(String.format(Locale.ROOT, head, one.line("  fore", one.planned, steps)));
            }
        }
        return text.toString();
    }

    private Object[] line(String name, @Nullable List<Integer> computed, int steps) {
        List<Integer> known = computed == null ? List.of(1) : computed;
        return new Object[] {
            name,
            IntStream.rangeClosed(1, steps)
                    .mapToObj(step -> known.contains(step) ? "#" : ".")
                    .collect(Collectors.joining()),
            known.size(),
            String.format(Locale.ROOT, "%.1f", (double) known.size()),
            thousandths(errors.cost(known)),
            thousandths(errors.worst(known)),
            thousandths(forecasts.cost(known, 1))
        };
    }

    private static String thousandths(double value) {
        return String.format(Locale.ROOT, "%.2f", value * THOUSAND);
    }

    /** Returns the same as maps and lists, for a JSON writer. */
    public Map<String, Object> json(String trace) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("trace", trace);
        json.put("policy", policy);
        json.put("computed", schedule.computedSteps());
        json.put("reused", schedule.reusedSteps());
        json.put("partial", schedule.partialSteps());
        json.put("work", schedule.work());
        json.put("proxy", "errors of an uncached trajectory");
        if (best != null && even != null && planned != null) {
            json.put("cost", errors.cost(schedule.computedSteps()));
            json.put("worst", errors.worst(schedule.computedSteps()));
            json.put("best", best);
            json.put("best_cost", errors.cost(best));
            json.put("even", even);
            json.put("even_cost", errors.cost(even));
            json.put("forecast_cost", forecasts.cost(schedule.computedSteps(), 1));
            json.put("planned", planned);
            json.put("planned_forecast_cost", forecasts.cost(planned, 1));
        }
        return json;
    }
}
