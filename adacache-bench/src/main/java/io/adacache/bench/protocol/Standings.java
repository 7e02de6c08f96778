package io.adacache.bench.protocol;

import io.adacache.bench.protocol.Frontier.Mix;
import io.adacache.bench.protocol.Frontier.Point;
import io.adacache.bench.report.Comparison;
import io.adacache.bench.report.Interval;
import io.adacache.bench.report.Result;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What the test says of each method at equal speed. A speed is that of a setting over all cases; between two settings each case counts
 * with the mixture that has the speed asked for, so that differences are taken prompt by prompt.
 */
public final class Standings {
    /** At which speeds methods are compared. */
    static final List<Double> SPEEDS = List.of(1.2, 1.3, 1.5, 1.75, 2.0, 2.25, 2.5, 3.0, 3.5, 4.0, 4.5, 5.0);

    private static final double TENTH = 0.1;

    private final Map<String, List<String>> methods;
    private final Map<String, List<Result>> results = new LinkedHashMap<>();
    private final List<String> prompts;
    private final String against;

    /** What speed is. */
    private enum Axis {
        OPERATIONS,
        TIME
    }

    /**
     * @param methods the chosen policies by method
     * @param all results of every case under every policy, in the same order of cases
     * @param against the method that all are held against
     */
    public Standings(Map<String, List<String>> methods, List<Result> all, String against) {
        this.methods = methods;
        this.against = against;
        all.forEach(result -> results.computeIfAbsent(result.policy(), key -> new ArrayList<>())
                .add(result));
        this.prompts = uncached().stream().map(Result::prompt).toList();
    }

    private List<Result> uncached() {
        return Objects.requireNonNull(results.get(Comparison.UNCACHED), "no uncached results");
    }

    /** Returns a line per method, axis and speed that the method reaches. */
    public List<Standing> all() {
        List<Standing> all = new ArrayList<>();
        for (Axis axis : Axis.values()) {
            Map<String, Frontier> frontiers = new LinkedHashMap<>();
            methods.forEach((name, policies) -> frontiers.put(name, frontier(policies, axis)));
            for (double speed : SPEEDS) {
                Optional<double[]> own = quality(frontiers, against, speed);
                for (String name : methods.keySet()) {
                    quality(frontiers, name, speed)
                            .ifPresent(psnr -> all.add(standing(
                                    name,
                                    axis,
                                    speed,
                                    psnr,
                                    name.equals(against) ? null : own.orElse(null),
                                    Objects.requireNonNull(frontiers.get(name))
                                            .at(speed)
                                            .orElseThrow())));
                }
            }
        }
        return all;
    }

    private Optional<double[]> quality(Map<String, Frontier> frontiers, String method, double speed) {
        Frontier frontier = frontiers.get(method);
        return frontier == null
                ? Optional.empty()
                : frontier.at(speed).map(mix -> perCase(method, mix, Result::psnrDb));
    }

    private Frontier frontier(List<String> policies, Axis axis) {
        List<Point> points = new ArrayList<>();
        for (int i = 0; i < policies.size(); i++) {
            List<Result> own = Objects.requireNonNull(results.get(policies.get(i)));
            double speed = axis == Axis.TIME
                    ? Interval.ofMedian(
                                    own.stream().mapToDouble(Result::speedup).toArray())
                            .value()
                    : work(uncached()) / work(own);
            points.add(new Point(i, speed, mean(own, Result::psnrDb)));
        }
        return Frontier.of(points);
    }

    /** Floating point operations; computed steps where the model's file does not say. */
    private static double work(List<Result> results) {
        return results.stream()
                .mapToDouble(result -> result.flops() == null ? result.computedSteps() : result.flops())
                .sum();
    }

    private static double mean(List<Result> results, Function<Result, @Nullable Double> figure) {
        return results.stream()
                .map(figure)
                .filter(Objects::nonNull)
                .mapToDouble(Double::doubleValue)
                .average()
                .orElse(Double.NaN);
    }

    /** Of each case the figure of a mixture of two settings; not a number where a setting has none. */
    private double[] perCase(String method, Mix mix, Function<Result, @Nullable Double> figure) {
        List<String> policies = Objects.requireNonNull(methods.get(method));
        List<Result> slower = Objects.requireNonNull(results.get(policies.get(mix.left())));
        List<Result> faster = Objects.requireNonNull(results.get(policies.get(mix.right())));
        return IntStream.range(0, slower.size())
                .mapToDouble(i -> mix.of(orNan(figure.apply(slower.get(i))), orNan(figure.apply(faster.get(i)))))
                .toArray();
    }

    private static double orNan(@Nullable Double value) {
        return value == null ? Double.NaN : value;
    }

    private Standing standing(String method, Axis axis, double speed, double[] psnr, double @Nullable [] own, Mix mix) {
        double[] byPrompt = byPrompt(psnr);
        double[] sorted = Arrays.stream(byPrompt).sorted().toArray();
        double[] kept = finite(perCase(method, mix, Result::motionKept));
        double[] shown = finite(perCase(method, mix, Result::shown));
        double flicker = mean(uncached(), Result::flicker);
        return new Standing(
                method,
                axis.name().toLowerCase(Locale.ROOT),
                speed,
                Interval.ofMean(byPrompt),
                sorted[(int) (TENTH * (sorted.length - 1))],
                sorted[0],
                kept.length == 0 ? null : Arrays.stream(kept).average().orElseThrow(),
                kept.length == 0 ? null : Arrays.stream(kept).min().orElseThrow(),
                flicker == 0
                        ? 1
                        : Arrays.stream(perCase(method, mix, Result::flicker))
                                        .average()
                                        .orElseThrow()
                                / flicker,
                shown.length == 0 ? null : Arrays.stream(shown).average().orElseThrow(),
                own == null ? null : Interval.ofMean(byPrompt(difference(own, psnr))));
    }

    private static double[] difference(double[] own, double[] other) {
        return IntStream.range(0, own.length)
                .mapToDouble(i -> own[i] - other[i])
                .toArray();
    }

    private static double[] finite(double[] values) {
        return Arrays.stream(values).filter(Double::isFinite).toArray();
    }

    /** The mean over the seeds of each prompt: draws are of prompts, since clips of one prompt are alike. */
    private double[] byPrompt(double[] perCase) {
        Map<String, List<Double>> grouped = new LinkedHashMap<>();
        for (int i = 0; i < perCase.length; i++) {
            grouped.computeIfAbsent(prompts.get(i), key -> new ArrayList<>()).add(perCase[i]);
        }
        return grouped.values().stream()
                .mapToDouble(values -> values.stream()
                        .mapToDouble(Double::doubleValue)
                        .average()
                        .orElseThrow())
                .toArray();
    }
}
