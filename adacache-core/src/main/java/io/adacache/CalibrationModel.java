package io.adacache;

import io.adacache.Calibration.Outcome;
import io.adacache.Calibration.Point;
import io.adacache.Calibration.Psnr;
import io.adacache.Calibration.Target;
import io.adacache.CalibrationRuns.Trial;
import io.adacache.calibrate.Knob;
import io.adacache.calibrate.QualityFit;
import io.adacache.calibrate.Replays;
import io.adacache.calibrate.Replays.Replayed;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/**
 * What is known of one policy's free setting: replays of all its values, real runs of a few, and from both what any value will do.
 * Replays decide as sessions do but on the numbers of uncached generations; live, what is reused changes what is measured. How much more
 * is computed then is taken from the nearest real runs.
 */
final class CalibrationModel {
    private static final int BISECTIONS = 14;
    private static final int QUANTILE = 2;
    /** Between whole numbers of computed steps a search looks at quarters. */
    private static final int PARTS = 4;

    private static final double LEAST_QUALITY = 1e-5;
    private static final double MOST_QUALITY = 1e2;
    /** Beyond the outermost bounds that replays tell apart. */
    private static final double BEYOND = 2;

    private final Knob knob;
    private final Replays replays;
    private final int steps;
    private final boolean fine;
    private final Map<String, Map<Integer, Trial>> trials = new LinkedHashMap<>();
    private final Map<Double, Double> bounds = new HashMap<>();

    CalibrationModel(Knob knob, Replays replays, int steps, boolean fine) {
        this.fine = fine;
        this.knob = knob;
        this.replays = replays;
        this.steps = steps;
    }

    String template() {
        return knob.template();
    }

    void learn(String setting, int prompt, Trial trial) {
        trials.computeIfAbsent(setting, key -> new LinkedHashMap<>()).put(prompt, trial);
    }

    /** Returns on how many prompts a setting was run. */
    int trials(String setting) {
        return trials.getOrDefault(setting, Map.of()).size();
    }

    /** Returns the setting that comes nearest to a wish, as far as is known by now. */
    String settingFor(Target target) {
        return setting(valueFor(target));
    }

    /** Returns the value of the free setting that comes nearest to a wish, as far as is known by now. */
    double valueFor(Target target) {
        List<Double> values = knob.values();
        double best = values.stream()
                .min(Comparator.comparingDouble(value -> distance(value, target)))
                .orElseThrow();
        int at = values.indexOf(best);
        double low = values.get(Math.max(0, at - 1));
        double high = values.get(Math.min(values.size() - 1, at + 1));
        if (fine) {
            return IntStream.rangeClosed((int) Math.round(low * PARTS), (int) Math.round(high * PARTS))
                    .mapToObj(quarter -> (double) quarter / PARTS)
                    .min(Comparator.comparingDouble(value -> distance(value, target)))
                    .orElseThrow();
        }
        return knob.whole() ? best : closer(low, best, high, target);
    }

    /**
     * Returns a value between two.
     *
     * @param share of the way from the one to the other
     */
    double between(double one, double other, double share) {
        return knob.whole()
                ? one + share * (other - one)
                : Math.exp((1 - share) * Math.log(one) + share * Math.log(other));
    }

    /** Returns the setting of a value; where whole numbers have numbers between them, also of such a one. */
    String setting(double value) {
        double most = Math.ceil(value);
        if (!fine || value == most) {
            return knob.at(value);
        }
        double fewer = Math.floor(value * PARTS) / PARTS;
        double more = Math.ceil(value * PARTS) / PARTS;
        double part = 1.0 / PARTS;
        double larger = fewer == most - 1 ? bound(most - 1 + part) * BEYOND : bound(fewer);
        double smaller = more == most ? bound(most - part) / BEYOND : bound(more);
        double share = fewer == more ? 1 : (value - fewer) / (more - fewer);
        return knob.between(most, Math.exp((1 - share) * Math.log(larger) + share * Math.log(smaller)));
    }

    /** The least bound with which replays compute so many steps in the mean, the next whole number at most. */
    private double bound(double value) {
        Double known = bounds.get(value);
        if (known != null) {
            return known;
        }
        double low = LEAST_QUALITY;
        double high = MOST_QUALITY;
        for (int i = 0; i < BISECTIONS; i++) {
            double middle = Math.sqrt(low * high);
            if (replayedWork(knob.between(Math.ceil(value), middle)) > value) {
                low = middle;
            } else {
                high = middle;
            }
        }
        bounds.put(value, high);
        return high;
    }

    private double replayedWork(String setting) {
        return replays.at(setting).stream()
                .mapToDouble(Replayed::work)
                .average()
                .orElseThrow();
    }

    /** Looks between neighbours: the side on which the wish lies is halved again and again. */
    private double closer(double low, double best, double high, Target target) {
        double nearest = best;
        for (int i = 0; i < BISECTIONS; i++) {
            double below = Math.sqrt(low * nearest);
            double above = Math.sqrt(nearest * high);
            double toBelow = distance(below, target);
            double toAbove = distance(above, target);
            double now = distance(nearest, target);
            if (toBelow < now && toBelow <= toAbove) {
                high = nearest;
                nearest = below;
            } else if (toAbove < now) {
                low = nearest;
                nearest = above;
            } else {
                low = below;
                high = above;
            }
        }
        return nearest;
    }

    private double distance(double value, Target target) {
        String setting = setting(value);
        return switch (target.kind()) {
            case SPEEDUP -> Math.abs(Math.log(cost(setting) * target.value()));
            case PSNR -> Math.abs(psnr(setting) - target.value());
            case SECONDS ->
                trials.isEmpty()
                        ? Math.abs(Math.log(2 * cost(setting)))
                        : Math.abs(Math.log(seconds(setting) / target.value()));
        };
    }

    /** Live over replayed, by the real runs nearest in cost. */
    private double correction(double replayed, boolean work) {
        double nearest = Double.POSITIVE_INFINITY;
        double correction = 1;
        for (Map.Entry<String, Map<Integer, Trial>> each : trials.entrySet()) {
            List<Replayed> promised = replays.at(each.getKey());
            double live = 0;
            double thought = 0;
            for (Map.Entry<Integer, Trial> run : each.getValue().entrySet()) {
                Replayed promise = promised.get(run.getKey());
                live += work ? run.getValue().work() : run.getValue().cost();
                thought += work ? promise.work() : promise.cost();
            }
            double away = Math.abs(Math.log(replayed / replays.cost(each.getKey())));
            if (away < nearest) {
                nearest = away;
                correction = live / thought;
            }
        }
        return correction;
    }

    /** Returns the mean cost to be expected of a setting: operations over those of the uncached generation. */
    private double cost(String setting) {
        double replayed = replays.cost(setting);
        return Math.min(1, replayed * correction(replayed, false));
    }

    private double work(String setting) {
        double replayed = replays.cost(setting);
        return Math.min(steps, replayedWork(setting) * correction(replayed, true));
    }

    private QualityFit fit() {
        List<QualityFit.Run> all = new ArrayList<>();
        trials.forEach((setting, byPrompt) -> byPrompt.forEach((prompt, trial) -> all.add(
                new QualityFit.Run(prompt, replays.at(setting).get(prompt).error(), trial.psnr()))));
        return QualityFit.of(all);
    }

    private List<Double> decibels(String setting) {
        QualityFit fit = fit();
        Map<Integer, Trial> run = trials.getOrDefault(setting, Map.of());
        List<Replayed> promised = replays.at(setting);
        return IntStream.range(0, promised.size())
                .mapToObj(prompt -> run.containsKey(prompt)
                        ? run.get(prompt).psnr()
                        : fit.predict(prompt, promised.get(prompt).error()))
                .toList();
    }

    private double psnr(String setting) {
        return decibels(setting).stream().mapToDouble(value -> value).average().orElseThrow();
    }

    /** Returns the time that a generation will take, from the times of single steps. */
    double seconds(String setting) {
        double work = work(setting);
        double reused = median(trial -> trial.reusedSeconds());
        double computed = median(trial -> trial.computedSeconds());
        return between() * steps + work * computed + (steps - work) * (Double.isNaN(reused) ? 0 : reused);
    }

    /** Seconds per step outside of the session, as little as was seen: other programs only ever add to them. */
    private double between() {
        return all().stream()
                .mapToDouble(trial -> (trial.seconds()
                                - trial.work() * trial.computedSeconds()
                                - (steps - trial.work())
                                        * (Double.isNaN(trial.reusedSeconds()) ? 0 : trial.reusedSeconds()))
                        / steps)
                .map(seconds -> Math.max(0, seconds))
                .min()
                .orElse(0);
    }

    private List<Trial> all() {
        return trials.values().stream()
                .flatMap(byPrompt -> byPrompt.values().stream())
                .toList();
    }

    private double median(ToDoubleFunction<Trial> of) {
        double[] values =
                all().stream().mapToDouble(of).filter(Double::isFinite).sorted().toArray();
        return values.length == 0 ? Double.NaN : values[values.length / QUANTILE];
    }

    /** Returns what a setting is expected to do. */
    Outcome outcome(String setting) {
        double seconds = seconds(setting);
        double uncached = steps * (between() + median(Trial::computedSeconds));
        return new Outcome(
                1 / cost(setting),
                uncached / seconds,
                seconds,
                Psnr.of(decibels(setting)),
                replays.at(setting).size());
    }

    /** Returns what real runs did. */
    static Outcome outcome(List<Trial> trials) {
        double seconds = trials.stream().mapToDouble(Trial::seconds).average().orElseThrow();
        double uncached =
                trials.stream().mapToDouble(Trial::uncachedSeconds).average().orElseThrow();
        return new Outcome(
                1 / trials.stream().mapToDouble(Trial::cost).average().orElseThrow(),
                uncached / seconds,
                seconds,
                Psnr.of(trials.stream().map(Trial::psnr).toList()),
                trials.size());
    }

    /** Returns what can be had, from slow to fast; of settings that are expected to do the same the first. */
    List<Point> curve() {
        List<Point> points = new ArrayList<>();
        for (double value : knob.values()) {
            String setting = knob.at(value);
            points.add(new Point(setting, value, 1 / cost(setting), psnr(setting)));
        }
        points.sort(Comparator.comparingDouble(Point::operations));
        List<Point> distinct = new ArrayList<>();
        for (Point point : points) {
            if (distinct.isEmpty() || distinct.get(distinct.size() - 1).operations() < point.operations() - 1e-9) {
                distinct.add(point);
            }
        }
        return distinct;
    }
}
