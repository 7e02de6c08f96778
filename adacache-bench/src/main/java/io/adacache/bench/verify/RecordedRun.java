package io.adacache.bench.verify;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/**
 * One generation of a recording.
 *
 * @param computed numbers of the computed steps, from 1
 * @param timesteps the noise level of each step; empty where not recorded
 * @param decisions in the order in which they were taken
 * @param first the first latent
 * @param last the last latent
 */
record RecordedRun(
        List<Integer> computed, List<Double> timesteps, List<Decision> decisions, float[] first, float[] last) {

    /**
     * A recorded decision; figures that were not recorded are not numbers.
     *
     * @param step in which it was taken
     * @param raw distance
     * @param motion motion score
     * @param metric what the codebook saw
     * @param rate cache rate that it gave
     */
    record Decision(int step, double raw, double motion, double metric, int rate) {}

    static RecordedRun of(JsonNode json, float[] first, float[] last) {
        List<Integer> computed = new ArrayList<>();
        json.path("recomputed").forEach(step -> computed.add(step.intValue()));
        List<Double> timesteps = new ArrayList<>();
        json.path("timesteps").forEach(timestep -> timesteps.add(timestep.doubleValue()));
        List<Decision> decisions = new ArrayList<>();
        json.path("decisions")
                .forEach(decision -> decisions.add(new Decision(
                        decision.path("step").intValue(),
                        decision.path("raw").asDouble(Double.NaN),
                        decision.path("moreg_raw").asDouble(Double.NaN),
                        decision.path("metric").asDouble(Double.NaN),
                        decision.path("rate").intValue())));
        return new RecordedRun(computed, timesteps, decisions, first, last);
    }
}
