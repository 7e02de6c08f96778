package io.adacache.bench.cost;

import io.adacache.Footprint;
import io.adacache.bench.inspect.Inspection;
import io.adacache.djl.Manifest;
import io.adacache.policy.CachePolicy;
import io.adacache.policy.Generation;
import java.util.List;

/**
 * What a generation of some size under a policy would take on a computer: predicted, never measured. Text encoder and VAE are not in it.
 *
 * @param policy as text
 * @param steps of the generation
 * @param computed how many of them are computed
 * @param plain seconds of a plain forward
 * @param computedStep seconds of a computed step
 * @param reusedStep seconds of a reused step, not a number where nothing is reused
 * @param peak bytes at most: weights, what one call makes, and what the session knows
 */
public record Prediction(
        String policy, int steps, double computed, double plain, double computedStep, double reusedStep, double peak) {
    /**
     * How many tensors of the hidden state's size a call makes for itself at most, counted on Open-Sora's shape: of all tensors that
     * were alive at once, those that are no weights (docs/measuring.md).
     */
    private static final double TEMPORARIES = 17.6;

    /**
     * Predicts.
     *
     * @param computed how many steps a policy that measures computes, on average; not a number for the mean of a video that never
     *     changes and of one that always does. Of another policy the plan is known
     */
    public static Prediction of(
            Inspection inspection, Computer computer, CachePolicy policy, String text, int steps, double computed) {
        Manifest manifest = inspection.manifest();
        CallWork work = new CallWork(manifest, inspection.named(), false);
        List<CallWork.Step> still = work.generation(policy, steps, false);
        List<CallWork.Step> changing = work.generation(policy, steps, true);
        double planned = (count(still) + count(changing)) / 2.0;
        boolean measures = count(still) != count(changing);
        Footprint footprint = Footprint.predict(policy, manifest.layout(), Generation.of(steps), inspection.sizes());
        double weights = (double) manifest.parameters() * manifest.bytesPerElement();
        return new Prediction(
                text,
                steps,
                measures && !Double.isNaN(computed) ? computed : planned,
                computer.time().seconds(work.plain()),
                mean(changing, true, computer),
                mean(still, false, computer),
                weights + TEMPORARIES * work.activationBytes() + footprint.bytesPeak());
    }

    private static long count(List<CallWork.Step> steps) {
        return steps.stream().filter(CallWork.Step::isComputed).count();
    }

    private static double mean(List<CallWork.Step> steps, boolean computed, Computer computer) {
        return steps.stream()
                .filter(step -> step.isComputed() == computed)
                .mapToDouble(step -> computer.time().seconds(step.work()))
                .average()
                .orElse(Double.NaN);
    }

    /** Returns the seconds of the whole generation. */
    public double seconds() {
        double reused = steps - computed;
        return computed * computedStep + (reused > 0 ? reused * reusedStep : 0);
    }

    /** Returns how many times as long the plain model takes. */
    public double speedUp() {
        return steps * plain / seconds();
    }

    /** Returns steps over computed steps. */
    public double ideal() {
        return steps / computed;
    }
}
