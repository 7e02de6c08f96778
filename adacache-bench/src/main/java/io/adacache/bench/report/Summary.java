package io.adacache.bench.report;

import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * A policy's figures over all prompts: means, and the largest number of bytes.
 *
 * @param ofIdeal mean of speed-up over ideal speed-up
 * @param fewestSteps fewest computed steps of a prompt
 * @param mostSteps most computed steps of a prompt
 */
record Summary(
        String policy,
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
        @Nullable Double reusedStepMs) {

    static Summary of(String policy, List<Result> results) {
        return new Summary(
                policy,
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
                meanOrNull(results, Result::reusedStepMs));
    }

    private static double mean(List<Result> results, ToDoubleFunction<Result> figure) {
        return results.stream().mapToDouble(figure).average().orElse(0);
    }

    private static @Nullable Double meanOrNull(List<Result> results, Function<Result, @Nullable Double> figure) {
        double[] values = results.stream()
                .map(figure)
                .filter(Objects::nonNull)
                .mapToDouble(Double::doubleValue)
                .toArray();
        if (values.length == 0) {
            return null;
        }
        double sum = 0;
        for (double value : values) {
            sum += value;
        }
        return sum / values.length;
    }
}
