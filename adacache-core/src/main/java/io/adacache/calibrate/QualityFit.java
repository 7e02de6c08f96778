package io.adacache.calibrate;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * From the error that a replayed schedule has on a recording to the quality that a real run has: {@code PSNR = a_p + b x} with
 * {@code x = -20 log10(error)}, a level a for each prompt p and one slope b, by least squares over real runs. If errors only grew
 * in proportion, the slope would be 1, but more steps also make good more of them: over seven settings of three trained models it was
 * 1.3 to 1.5, and the line went through 40 dB near x = 40 (34 to 41). That is what is taken until there are runs. Immutable.
 */
public final class QualityFit {
    /** What equal clips have, in decibels. */
    public static final double EQUAL = 100;

    /** How many squared decibels of spread within prompts weigh as much as the expectation of the slope. */
    private static final double TRUST = 10;

    private static final double USUAL_SLOPE = 1.3;
    private static final double USUAL_AT = 40;

    /**
     * A real run.
     *
     * @param error of the replayed schedule, see {@code ReuseErrors}
     * @param psnr what the run had, in decibels
     */
    public record Run(int prompt, double error, double psnr) {}

    private final double slope;
    private final Map<Integer, Double> levels = new LinkedHashMap<>();
    private final double level;

    private QualityFit(double slope, Map<Integer, double[]> means) {
        this.slope = slope;
        means.forEach((prompt, mean) -> levels.put(prompt, mean[1] - slope * mean[0]));
        this.level =
                levels.values().stream().mapToDouble(value -> value).average().orElse(USUAL_AT - slope * USUAL_AT);
    }

    /** Fits runs, any number. Runs without error or of equal clips tell nothing. */
    public static QualityFit of(List<Run> all) {
        List<Run> runs = all.stream()
                .filter(run -> run.error() > 0 && run.psnr() < EQUAL)
                .toList();
        Map<Integer, double[]> means = new LinkedHashMap<>();
        runs.forEach(run -> {
            double[] sums = means.computeIfAbsent(run.prompt(), key -> new double[3]);
            sums[0] += x(run.error());
            sums[1] += run.psnr();
            sums[2]++;
        });
        means.values().forEach(sums -> {
            sums[0] /= sums[2];
            sums[1] /= sums[2];
        });
        double both = USUAL_SLOPE * TRUST;
        double squares = TRUST;
        for (Run run : runs) {
            double[] mean = Objects.requireNonNull(means.get(run.prompt()));
            double away = x(run.error()) - mean[0];
            both += away * (run.psnr() - mean[1]);
            squares += away * away;
        }
        return new QualityFit(both / squares, means);
    }

    private static double x(double error) {
        return -20 * Math.log10(error);
    }

    /** Returns the slope b. */
    public double slope() {
        return slope;
    }

    /** Returns the PSNR to be expected of a prompt, at most {@link #EQUAL}; of one that was not run, by the mean level. */
    public double predict(int prompt, double error) {
        return error > 0 ? Math.min(EQUAL, levels.getOrDefault(prompt, level) + slope * x(error)) : EQUAL;
    }
}
