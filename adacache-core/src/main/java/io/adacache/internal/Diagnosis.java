package io.adacache.internal;

import io.adacache.event.Trace.PartRecord;
import io.adacache.event.Trace.StepRecord;
import io.adacache.policy.Decision.Reason;
import io.adacache.policy.Figures;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

/**
 * Looks at a finished generation for settings that do not fit: a policy that never reused, a threshold far from everything that was
 * measured, a threshold that many measurements nearly met.
 */
final class Diagnosis {
    /** With fewer steps, first and last ones are all there is. */
    private static final int FEWEST_STEPS = 8;

    private static final int FEWEST_MEASUREMENTS = 3;
    /** A threshold is far if all measurements are below it by this factor, or above. */
    private static final double FAR = 4;
    /** A measurement nearly meets a threshold if it is this near, relative to the threshold. */
    private static final double NEAR = 0.05;
    /** So large a share of near measurements is a cliff. */
    private static final double CLIFF = 1.0 / 3;

    private record Comparison(double metric, double threshold) {
        double ratio() {
            return metric / threshold;
        }
    }

    private Diagnosis() {}

    /** Returns what is to be warned of, a line each. */
    static List<String> of(int announced, List<StepRecord> records) {
        List<String> warnings = new ArrayList<>();
        if (announced < FEWEST_STEPS || records.size() < announced) {
            return warnings;
        }
        List<Comparison> comparisons = comparisons(records);
        if (neverReused(records)) {
            warnings.add("Nothing was reused in " + announced + " steps" + smallest(comparisons)
                    + ". The policy costs its measurements and gains nothing: raise its thresholds, or choose another");
        }
        if (comparisons.size() >= FEWEST_MEASUREMENTS) {
            if (comparisons.stream().allMatch(comparison -> comparison.ratio() < 1 / FAR)) {
                warnings.add(range(comparisons) + ", all of it far below: the schedule does not depend on the video."
                        + " Lower thresholds would let it" + motion(records));
            } else if (comparisons.stream().allMatch(comparison -> comparison.ratio() > FAR)) {
                warnings.add(range(comparisons) + ", all of it far above: the schedule does not depend on the video."
                        + " Higher thresholds would let it" + motion(records));
            }
            long near = comparisons.stream()
                    .filter(comparison -> Math.abs(comparison.ratio() - 1) < NEAR)
                    .count();
            if (near >= FEWEST_MEASUREMENTS && near >= CLIFF * comparisons.size()) {
                warnings.add(String.format(
                        Locale.ROOT,
                        "%d of %d measurements came within %.0f %% of a threshold: a slightly different video or setting"
                                + " may compute a very different number of steps",
                        near,
                        comparisons.size(),
                        100 * NEAR));
            }
        }
        return warnings;
    }

    private static boolean neverReused(List<StepRecord> records) {
        List<PartRecord> spans =
                records.stream().flatMap(record -> record.parts().stream()).toList();
        return spans.stream().allMatch(PartRecord::computed)
                && spans.stream().anyMatch(span -> span.reason() != Reason.ALWAYS);
    }

    private static List<Comparison> comparisons(List<StepRecord> records) {
        List<Comparison> all = new ArrayList<>();
        for (StepRecord record : records) {
            for (Figures figures : record.figures()) {
                OptionalDouble metric = figures.get(Figures.METRIC);
                OptionalDouble threshold = figures.get(Figures.THRESHOLD);
                if (metric.isPresent() && threshold.isPresent() && Double.isFinite(metric.getAsDouble())) {
                    all.add(new Comparison(metric.getAsDouble(), threshold.getAsDouble()));
                }
            }
        }
        return all;
    }

    private static String smallest(List<Comparison> comparisons) {
        return comparisons.stream()
                .min((a, b) -> Double.compare(a.metric(), b.metric()))
                .map(least -> String.format(
                        Locale.ROOT,
                        "; the smallest measurement was %.4g, the threshold next to it %.4g",
                        least.metric(),
                        least.threshold()))
                .orElse("");
    }

    private static String range(List<Comparison> comparisons) {
        return String.format(
                Locale.ROOT,
                "The nearest threshold is %.4g, and %.4g to %.4g was measured",
                comparisons.get(0).threshold(),
                comparisons.stream().mapToDouble(Comparison::metric).min().orElse(Double.NaN),
                comparisons.stream().mapToDouble(Comparison::metric).max().orElse(Double.NaN));
    }

    private static String motion(List<StepRecord> records) {
        boolean regularised = records.stream()
                .flatMap(record -> record.figures().stream())
                .anyMatch(figures -> figures.get(Figures.MOTION_FACTOR).isPresent());
        return regularised ? ", or a motion scale that fits this model (0.385 is Open-Sora's)" : "";
    }
}
