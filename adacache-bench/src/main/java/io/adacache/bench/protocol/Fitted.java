package io.adacache.bench.protocol;

import io.adacache.tune.Fitting;
import io.adacache.tune.Fitting.ScheduleErrors;
import io.adacache.tune.Recording;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** What a method's text leaves to be fitted on the tuning prompts: TeaCache's polynomial, MagCache's ratios, planned schedules. */
final class Fitted {
    private static final int DEGREE = 4;
    private static final Pattern SCHEDULE = Pattern.compile("\\{schedule(\\d+)}");

    private final Map<String, String> texts = new LinkedHashMap<>();
    private final @Nullable ScheduleErrors errors;

    private Fitted(@Nullable ScheduleErrors errors) {
        this.errors = errors;
    }

    /** Fits what the recordings have the numbers for; what they have none for no method asks for. */
    static Fitted on(List<Recording> recordings) {
        ScheduleErrors errors = null;
        try {
            errors = Fitting.scheduleErrors(recordings);
        } catch (IllegalArgumentException e) {
            // Nothing of that was recorded.
        }
        Fitted fitted = new Fitted(errors);
        fitted.add("polynomial", () -> Fitting.teaCachePolynomial(recordings, DEGREE));
        fitted.add("ratios", () -> Fitting.magCacheRatios(recordings));
        return fitted;
    }

    /** Returns texts that can be read, before anything was recorded. */
    static Fitted standIns() {
        return of(Map.of("polynomial", "1;0", "ratios", "1"));
    }

    /** Returns given texts; every schedule computes the first steps. */
    static Fitted of(Map<String, String> texts) {
        Fitted fitted = new Fitted(null);
        fitted.texts.putAll(texts);
        return fitted;
    }

    private void add(String name, Supplier<List<Double>> values) {
        try {
            texts.put(
                    name,
                    values.get().stream()
                            .map(value -> String.format(Locale.ROOT, "%.6g", value))
                            .collect(Collectors.joining(";")));
        } catch (IllegalArgumentException e) {
            // Nothing of that was recorded.
        }
    }

    /**
     * Fills in what is fitted.
     *
     * @param number how many steps a planned schedule computes
     */
    String fill(String text, double number) {
        String filled = text;
        for (Map.Entry<String, String> each : texts.entrySet()) {
            filled = filled.replace("{" + each.getKey() + "}", each.getValue());
        }
        Matcher schedule = SCHEDULE.matcher(filled);
        return schedule.replaceAll(match -> schedule((int) Math.round(number), Integer.parseInt(match.group(1))));
    }

    /** The schedule of so many steps whose runs' errors, each to this power, add up to least. */
    private String schedule(int computed, int power) {
        List<Integer> steps = errors == null
                ? IntStream.rangeClosed(1, computed).boxed().toList()
                : errors.best(Math.max(1, Math.min(computed, errors.steps())), power);
        return steps.stream().map(String::valueOf).collect(Collectors.joining(";"));
    }
}
