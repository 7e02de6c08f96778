package io.adacache.bench.verify;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * How one replayed generation compares with the recorded one. Differences are relative, the largest over all decisions; not a
 * number where nothing was recorded.
 *
 * @param spans how residuals were kept
 * @param generation from 1
 * @param expected recorded computed steps
 * @param computed replayed computed steps
 * @param decisions whether there are as many decisions, in the same steps
 * @param rates of the cache rates
 * @param timesteps largest difference of the noise levels
 * @param raw of the distance
 * @param motion of the motion score
 * @param metric of what the codebook sees
 * @param latent largest difference of the final latent over its largest magnitude
 */
public record Verdict(
        String spans,
        int generation,
        List<Integer> expected,
        List<Integer> computed,
        boolean decisions,
        double rates,
        double timesteps,
        double raw,
        double motion,
        double metric,
        double latent) {
    private static final double TIGHT = 1e-4;
    private static final double METRIC = 1e-3;

    /** Whether schedule and rates are equal, distance, motion score and latent within 1e-4 and the metric within 1e-3. */
    public boolean passed() {
        return expected.equals(computed)
                && decisions
                && !(rates > 0)
                && !(timesteps > TIGHT)
                && !(raw > TIGHT)
                && !(motion > TIGHT)
                && !(metric > METRIC)
                && latent <= TIGHT;
    }

    @Override
    public String toString() {
        return "  " + spans + " spans, generation " + generation + System.lineSeparator()
                + "    expected  " + list(expected) + System.lineSeparator()
                + "    computed  " + list(computed) + System.lineSeparator()
                + "    largest relative differences: " + (decisions ? "" : "OTHER DECISIONS, ")
                + difference("rates", rates)
                + difference(", raw distance", raw)
                + difference(", raw motion", motion)
                + difference(", metric", metric)
                + difference(", timesteps", timesteps)
                + difference(", final latent", latent)
                + "  " + (passed() ? "PASS" : "FAIL");
    }

    private static String list(List<Integer> steps) {
        return steps.stream().map(String::valueOf).collect(Collectors.joining(" "));
    }

    private static String difference(String what, double value) {
        String number = Double.isNaN(value) ? "-" : value == 0 ? "0" : String.format(Locale.ROOT, "%.1e", value);
        return what + " " + number;
    }
}
