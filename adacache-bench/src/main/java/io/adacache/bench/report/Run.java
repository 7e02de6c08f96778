package io.adacache.bench.report;

import io.adacache.bench.pipeline.Clip;
import java.util.List;

/**
 * One generation of a comparison.
 *
 * @param result its figures
 * @param clip what it made
 * @param steps what was done in each step
 * @param warnings what its session noticed
 */
public record Run(Result result, Clip clip, List<StepLine> steps, List<String> warnings) {
    /** The warning of a generation whose latent holds NaN or infinity. */
    public static final String NO_NUMBERS =
            "the latent holds NaN or infinity, so the clip and its figures mean nothing";

    /** Copies the lists. */
    public Run {
        steps = List.copyOf(steps);
        warnings = List.copyOf(warnings);
    }
}
