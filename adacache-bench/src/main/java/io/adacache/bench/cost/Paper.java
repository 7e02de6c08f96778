package io.adacache.bench.cost;

import io.adacache.bench.cost.TimeModel.Checked;
import io.adacache.bench.cost.TimeModel.Observation;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The model of time that measured sizes come to, and how well it predicts sizes that were left out of the fit.
 *
 * @param model fitted to all of them
 * @param measured how many times it was fitted to
 * @param checked each time, predicted from the other sizes; none where there are too few sizes
 */
public record Paper(TimeModel model, int measured, List<Checked> checked) {
    private static final int FEWEST_SIZES = 2;
    private static final double GIGA = 1e9;
    private static final double MICRO = 1e-6;
    private static final double PERCENT = 100;

    /** Copies the list. */
    public Paper {
        checked = List.copyOf(checked);
    }

    /** Fits and checks; empty where there are too few sizes or times to fit to. */
    public static Optional<Paper> of(List<Observation> observations) {
        List<Observation> measured = together(observations);
        long sizes = measured.stream().map(Observation::group).distinct().count();
        if (sizes < FEWEST_SIZES || measured.size() < TimeModel.FEWEST) {
            return Optional.empty();
        }
        return Optional.of(new Paper(TimeModel.fit(measured), measured.size(), TimeModel.check(measured)));
    }

    /** What was measured several times of the same work at the same size, as a plain forward under each policy, is one time. */
    private static List<Observation> together(List<Observation> observations) {
        Map<List<Object>, List<Observation>> same = observations.stream()
                .collect(Collectors.groupingBy(
                        one -> List.of(one.group(), one.what(), one.work()), LinkedHashMap::new, Collectors.toList()));
        List<Observation> all = new ArrayList<>();
        same.values().forEach(each -> all.add(median(each)));
        return all;
    }

    private static Observation median(List<Observation> same) {
        List<Observation> sorted = same.stream()
                .sorted(Comparator.comparingDouble(Observation::seconds))
                .toList();
        Observation middle = sorted.get(sorted.size() / 2);
        double seconds = sorted.size() % 2 == 1
                ? middle.seconds()
                : (middle.seconds() + sorted.get(sorted.size() / 2 - 1).seconds()) / 2;
        return new Observation(middle.group(), middle.what(), middle.work(), seconds);
    }

    /** Returns the model and how far off its predictions were, for a terminal. */
    public String text() {
        StringBuilder text = new StringBuilder(String.format(
                Locale.ROOT,
                "on paper (fitted to %d times): %s in matrix products, %s between tokens; %s read and written; %s an operation%n",
                measured,
                rate(model.perProduct(), "GFLOP/s"),
                rate(model.perAttention(), "GFLOP/s"),
                rate(model.perByte(), "GB/s"),
                model.perLaunch() == 0
                        ? "no time for"
                        : String.format(Locale.ROOT, "%.1f us", model.perLaunch() / MICRO)));
        if (checked.isEmpty()) {
            return text.append(String.format("three sizes or more are needed to check it on sizes left out%n"))
                    .toString();
        }
        Map<String, List<Checked>> kinds = checked.stream()
                .collect(Collectors.groupingBy(
                        one -> one.observation().what(), LinkedHashMap::new, Collectors.toList()));
        kinds.forEach((what, each) -> text.append(line(what, each)));
        return text.toString();
    }

    private static String rate(double seconds, String unit) {
        return seconds == 0 ? "no time" : String.format(Locale.ROOT, "%.1f %s", 1 / seconds / GIGA, unit);
    }

    private static String line(String what, List<Checked> each) {
        double[] errors =
                each.stream().mapToDouble(one -> Math.abs(one.error())).sorted().toArray();
        Checked worst = each.stream()
                .max(Comparator.comparingDouble(one -> Math.abs(one.error())))
                .orElseThrow();
        return String.format(
                Locale.ROOT,
                "  %s, of a size left out: %.1f %% off in the middle, %.1f %% at worst (%s: %.2f ms, predicted %.2f)%n",
                what,
                PERCENT * errors[errors.length / 2],
                PERCENT * errors[errors.length - 1],
                worst.observation().group(),
                worst.observation().seconds() * 1e3,
                worst.predicted() * 1e3);
    }
}
