package io.adacache.bench.report;

import java.util.List;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * A policy's figures over all cases of one number of steps: means, medians where the name says so, and the largest number of
 * bytes.
 *
 * @param label the policy, with the number of steps where several are compared
 * @param family the method that it is a setting of
 * @param speedupInterval median speed-up and where it would lie with other prompts
 * @param psnrInterval mean PSNR and where it would lie with other prompts
 * @param ssimInterval mean SSIM and where it would lie with other prompts
 * @param flops mean floating point operations; null where the model's file does not say
 * @param flopsSpeedup those of the uncached generations over these
 * @param ofIdeal mean of speed-up over ideal speed-up
 * @param fewestSteps fewest computed steps of a prompt
 * @param mostSteps most computed steps of a prompt
 * @param motionKept mean of the clips' motion over that of their uncached twins; null where none moves
 * @param leastMotionKept that of the clip which lost most; null likewise
 */
record Summary(
        String policy,
        String label,
        String family,
        int steps,
        double computedSteps,
        int fewestSteps,
        int mostSteps,
        double latencyMs,
        double speedup,
        double idealSpeedup,
        double ofIdeal,
        @Nullable Double psnrDb,
        @Nullable Double ssim,
        long bytesHeld,
        long bytesPeak,
        @Nullable Double computedStepMs,
        @Nullable Double reusedStepMs,
        Interval speedupInterval,
        @Nullable Interval psnrInterval,
        @Nullable Interval ssimInterval,
        double medianLatencyMs,
        @Nullable Double lpips,
        @Nullable Double flops,
        @Nullable Double flopsSpeedup,
        double flicker,
        double motion,
        @Nullable Double motionKept,
        @Nullable Double leastMotionKept) {

    /**
     * Summarises.
     *
     * @param all results of one number of steps, of all policies
     */
    static Summary of(String policy, boolean several, List<Result> all) {
        List<Result> results =
                all.stream().filter(result -> result.policy().equals(policy)).toList();
        int steps = results.get(0).steps();
        String suffix = several ? " @" + steps : "";
        Double flops = meanOrNull(results, Result::flops);
        Double uncached = meanOrNull(
                all.stream()
                        .filter(result -> result.policy().equals(Comparison.UNCACHED))
                        .toList(),
                Result::flops);
        return new Summary(
                policy,
                policy + suffix,
                Family.of(policy) + suffix,
                steps,
                mean(results, Result::computedSteps),
                results.stream().mapToInt(Result::computedSteps).min().orElse(0),
                results.stream().mapToInt(Result::computedSteps).max().orElse(0),
                mean(results, Result::latencyMs),
                mean(results, Result::speedup),
                mean(results, Result::idealSpeedup),
                mean(results, result -> result.speedup() / result.idealSpeedup()),
                meanOrNull(results, Result::psnrDb),
                meanOrNull(results, Result::ssim),
                results.stream().mapToLong(Result::bytesHeld).max().orElse(0),
                results.stream().mapToLong(Result::bytesPeak).max().orElse(0),
                meanOrNull(results, Result::computedStepMs),
                meanOrNull(results, Result::reusedStepMs),
                Interval.ofMedian(results.stream().mapToDouble(Result::speedup).toArray()),
                interval(results, Result::psnrDb),
                interval(results, Result::ssim),
                Interval.ofMedian(
                                results.stream().mapToDouble(Result::latencyMs).toArray())
                        .value(),
                meanOrNull(results, Result::lpips),
                flops,
                flops == null || uncached == null ? null : uncached / flops,
                mean(results, Result::flicker),
                mean(results, Result::motion),
                meanOrNull(results, Result::motionKept),
                leastOrNull(results, Result::motionKept));
    }

    /** Returns the median speed-up. */
    double medianSpeedup() {
        return speedupInterval.value();
    }

    private static @Nullable Interval interval(List<Result> results, Function<Result, @Nullable Double> figure) {
        double[] values = results.stream()
                .map(figure)
                .filter(Objects::nonNull)
                .mapToDouble(Double::doubleValue)
                .toArray();
        return values.length == 0 ? null : Interval.ofMean(values);
    }

    private static @Nullable Double leastOrNull(List<Result> results, Function<Result, @Nullable Double> figure) {
        return results.stream()
                .map(figure)
                .filter(Objects::nonNull)
                .min(Double::compare)
                .orElse(null);
    }

    private static double mean(List<Result> results, ToDoubleFunction<Result> figure) {
        return results.stream().mapToDouble(figure).average().orElse(0);
    }

    private static @Nullable Double meanOrNull(List<Result> results, Function<Result, @Nullable Double> figure) {
        OptionalDouble mean = results.stream()
                .map(figure)
                .filter(Objects::nonNull)
                .mapToDouble(Double::doubleValue)
                .average();
        return mean.isPresent() ? mean.getAsDouble() : null;
    }
}
