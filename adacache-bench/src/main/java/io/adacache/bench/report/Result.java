package io.adacache.bench.report;

import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The figures of one policy on one prompt: one object of {@code results.json}.
 *
 * @param policy as it was asked for
 * @param prompt what the clip shows
 * @param seed of the noise
 * @param steps denoising steps
 * @param computedSteps steps in which everything was computed
 * @param latencyMs wall-clock time of the denoising loop
 * @param speedup latency of the uncached generation of the same prompt over this one's
 * @param idealSpeedup steps over computed steps
 * @param psnrDb against the uncached clip; null for the uncached clip itself
 * @param ssim against the uncached clip; null for the uncached clip itself
 * @param bytesHeld most bytes kept between two steps
 * @param bytesPeak most bytes of tensors known to the session at any moment
 * @param computedStepMs median time of a computed step; null without one
 * @param reusedStepMs median time of a reused step; null without one
 * @param setting the policy's settings, those included that the model's file recommends; empty where all are defaults
 * @param lpips learned perceptual distance from the uncached clip; null without a network, and for the uncached clip itself
 * @param flops floating point operations of the model; null where its file does not say
 * @param flicker {@linkplain io.adacache.bench.quality.Steadiness#flicker of the clip}
 * @param motion {@linkplain io.adacache.bench.quality.Steadiness#motion of the clip}
 * @param motionKept motion over that of the uncached clip; null for the uncached clip itself, and where that one stands still
 * @param shown {@linkplain io.adacache.bench.quality.Recogniser the share of the prompt} that the clip shows; null for models whose
 *     clips cannot be recognised
 * @param scores of the clip by itself, by the networks that the user named; empty without one
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
@JsonPropertyOrder({
    "policy",
    "prompt",
    "seed",
    "steps",
    "computedSteps",
    "latencyMs",
    "speedup",
    "idealSpeedup",
    "psnrDb",
    "ssim",
    "bytesHeld",
    "bytesPeak",
    "computedStepMs",
    "reusedStepMs",
    "setting",
    "lpips",
    "flops",
    "flicker",
    "motion",
    "motionKept",
    "shown",
    "scores"
})
public record Result(
        String policy,
        String prompt,
        long seed,
        int steps,
        int computedSteps,
        double latencyMs,
        double speedup,
        double idealSpeedup,
        @Nullable Double psnrDb,
        @Nullable Double ssim,
        long bytesHeld,
        long bytesPeak,
        @Nullable Double computedStepMs,
        @Nullable Double reusedStepMs,
        String setting,
        @Nullable Double lpips,
        @Nullable Double flops,
        double flicker,
        double motion,
        @Nullable Double motionKept,
        @Nullable Double shown,
        Map<String, Double> scores) {
    /** Keeps the order of the scores. */
    public Result {
        scores = Collections.unmodifiableMap(new LinkedHashMap<>(scores));
    }
}
