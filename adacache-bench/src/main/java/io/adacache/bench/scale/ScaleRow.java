package io.adacache.bench.scale;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;

/**
 * What was measured of one model at one size under one policy. Times are medians in milliseconds of wall clock; fields that end in
 * Cpu are ratios of processor time, which other programs disturb less. A ratio that was not measured is not a number.
 *
 * @param model name of the model
 * @param weights number of weights
 * @param dtype of the weights
 * @param size as it was asked for
 * @param tokens of a row
 * @param rows of a call
 * @param policy under which the session ran
 * @param steps of the session
 * @param computed of its steps
 * @param plainMs a plain forward, measured after each computed step
 * @param computedMs a computed step
 * @param reusedMs a reused step
 * @param plainCpuMs a plain forward in processor time
 * @param computedCpuMs a computed step in processor time
 * @param reusedCpuMs a reused step in processor time
 * @param computedOverPlain computed step over plain forward
 * @param computedOverPlainCpu the same in processor time
 * @param reusedOverComputed reused step over computed step
 * @param reusedOverComputedCpu the same in processor time
 * @param ideal steps over computed steps
 * @param realised plain generation over this one
 * @param realisedCpu the same in processor time
 * @param ownShare what is not inside the model's methods, of a computed step
 * @param heldBytes kept between steps, measured
 * @param heldPredicted the same, predicted
 * @param peakBytes known to the session at most, measured
 * @param peakPredicted the same, predicted
 * @param residentBytes of the process after the session
 * @param residentPeakBytes of the process at most during the session
 * @param movedComputedBytes what several devices hand to one another in a computed step, 0 on one
 * @param movedReusedBytes the same in a reused step
 */
@JsonPropertyOrder(alphabetic = false)
public record ScaleRow(
        String model,
        long weights,
        String dtype,
        String size,
        long tokens,
        int rows,
        String policy,
        int steps,
        int computed,
        double plainMs,
        double computedMs,
        double reusedMs,
        double plainCpuMs,
        double computedCpuMs,
        double reusedCpuMs,
        double computedOverPlain,
        double computedOverPlainCpu,
        double reusedOverComputed,
        double reusedOverComputedCpu,
        double ideal,
        double realised,
        double realisedCpu,
        double ownShare,
        long heldBytes,
        long heldPredicted,
        long peakBytes,
        long peakPredicted,
        long residentBytes,
        long residentPeakBytes,
        long movedComputedBytes,
        long movedReusedBytes) {
    /** Returns the part of the ideal speed-up that was realised. */
    @JsonProperty
    public double realisedOverIdeal() {
        return realised / ideal;
    }

    /** Returns the same in processor time. */
    @JsonProperty
    public double realisedOverIdealCpu() {
        return realisedCpu / ideal;
    }
}
