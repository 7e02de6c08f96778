package io.adacache.bench.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The methods of a comparison as curves of quality over speed.
 *
 * @param xName what is on the x axis
 * @param yName what is on the y axis
 * @param curves one per method, in the order of the comparison
 */
record Curves(String xName, String yName, List<Curve> curves) {
    private static final double FROM = 1.05;
    private static final int SAMPLES = 40;

    /** What speed is measured by. */
    enum Speed {
        /** Measured. */
        LATENCY("speed-up, measured", Summary::medianSpeedup),
        /** Counted: independent of the machine and of what else it does. */
        FLOPS("fewer floating point operations", Summary::flopsSpeedup);

        final String title;
        final Function<Summary, @Nullable Double> of;

        Speed(String title, Function<Summary, @Nullable Double> of) {
            this.title = title;
            this.of = of;
        }
    }

    /** What quality is measured by. */
    enum Quality {
        PSNR("PSNR dB", Summary::psnrDb),
        SSIM("SSIM", Summary::ssim);

        final String title;
        final Function<Summary, @Nullable Double> of;

        Quality(String title, Function<Summary, @Nullable Double> of) {
            this.title = title;
            this.of = of;
        }
    }

    static Curves of(List<Summary> summaries, Speed speed, Quality quality) {
        Map<String, List<Curve.Point>> points = new LinkedHashMap<>();
        for (Summary summary : summaries) {
            Double x = speed.of.apply(summary);
            Double y = quality.of.apply(summary);
            if (x != null && y != null) {
                points.computeIfAbsent(summary.family(), key -> new ArrayList<>())
                        .add(new Curve.Point(summary.label(), x, y));
            }
        }
        List<Curve> curves = new ArrayList<>();
        points.forEach((family, all) -> curves.add(new Curve(family, all)));
        return new Curves(speed.title, quality.title, curves);
    }

    /** Whether any method has several settings. */
    boolean isSweep() {
        return curves.stream().anyMatch(curve -> curve.points().size() > 1);
    }

    /**
     * How AdaCache stands against another method from 1.05x to that method's fastest setting.
     *
     * @param rival the other method
     * @param to its fastest setting
     * @param least the smallest lead of AdaCache, negative where it is behind; null where the rival's range is empty
     * @param at where that is
     * @param mean the mean lead
     * @param behind the share of the range in which AdaCache is behind, or too slow to be compared
     */
    record Margin(String rival, double to, @Nullable Double least, double at, double mean, double behind) {}

    /** Returns the margins of the best of all AdaCache settings against each other method. */
    List<Margin> margins() {
        Curve own = Curve.join(
                Family.ADACACHE,
                curves.stream()
                        .filter(curve -> Family.isAdaCache(curve.family()))
                        .toList());
        List<Margin> margins = new ArrayList<>();
        if (!own.points().isEmpty()) {
            for (Curve rival : curves) {
                if (!Family.isAdaCache(rival.family())) {
                    margins.add(margin(own, rival));
                }
            }
        }
        return margins;
    }

    private static Margin margin(Curve own, Curve rival) {
        double to = rival.fastest();
        List<Curve.Point> leads = new ArrayList<>();
        int behind = 0;
        for (int i = 0; i <= SAMPLES && to >= FROM; i++) {
            double x = i == SAMPLES ? to : FROM + (to - FROM) * i / SAMPLES;
            OptionalDouble ours = own.at(x);
            if (ours.isPresent()) {
                leads.add(new Curve.Point(
                        rival.family(), x, ours.getAsDouble() - rival.at(x).orElseThrow()));
            }
            behind += ours.isEmpty() || leads.get(leads.size() - 1).y() < 0 ? 1 : 0;
        }
        Curve.Point least =
                leads.stream().min(Comparator.comparingDouble(Curve.Point::y)).orElse(null);
        return new Margin(
                rival.family(),
                to,
                least == null ? null : least.y(),
                least == null ? FROM : least.x(),
                leads.stream().mapToDouble(Curve.Point::y).average().orElse(Double.NaN),
                behind / (SAMPLES + 1.0));
    }
}
