package io.adacache.bench.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Several policies on several prompts, uncached first.
 *
 * @param title heading of the report
 * @param fps frames per second of the clips
 * @param policies as they were asked for, in the order of the report
 * @param cases what every policy generated: prompts, seeds and numbers of steps
 * @param runs one per case and policy
 * @param facts machine, model, settings
 */
public record Comparison(
        String title, double fps, List<String> policies, List<Case> cases, List<Run> runs, List<Fact> facts) {
    /** Name of the policy that caches nothing, with which all others are compared. */
    public static final String UNCACHED = "none";

    /** What the name of an evenly spaced schedule begins with that computes as many steps as another policy did. */
    public static final String TWIN = "even as ";

    /** From this number of policies on, clips are shown of one setting per method alone. */
    private static final int MANY = 13;

    private static final double REPRESENTATIVE_SPEEDUP = 2;

    /** Copies the lists. */
    public Comparison {
        policies = List.copyOf(policies);
        cases = List.copyOf(cases);
        runs = List.copyOf(runs);
        facts = List.copyOf(facts);
    }

    /** Returns the runs of a case, in the order of the policies. */
    public List<Run> ofCase(int index) {
        return runs.subList(index * policies.size(), (index + 1) * policies.size());
    }

    /** Returns the numbers of steps that occur. */
    List<Integer> stepCounts() {
        return cases.stream().map(Case::steps).distinct().toList();
    }

    /** Returns the figures of each policy over the cases, per number of steps. */
    List<Summary> summaries() {
        List<Summary> summaries = new ArrayList<>();
        List<Integer> counts = stepCounts();
        for (int steps : counts) {
            List<Result> results = runs.stream()
                    .map(Run::result)
                    .filter(result -> result.steps() == steps)
                    .toList();
            for (String policy : policies) {
                summaries.add(Summary.of(policy, counts.size() > 1, results));
            }
        }
        return summaries;
    }

    /** Whether this is a comparison of methods over their settings, with too many policies to show the clips of each. */
    public boolean isSweep() {
        return policies.size() >= MANY;
    }

    /**
     * Returns the policies whose clips are shown: all of them, or in a sweep the uncached one and per method the best of the
     * settings that are about twice as fast (or the fastest).
     */
    public List<String> shown() {
        if (!isSweep()) {
            return policies;
        }
        Map<String, Summary> best = new LinkedHashMap<>();
        for (Summary summary : summaries()) {
            if (!summary.policy().equals(UNCACHED)) {
                best.merge(summary.family(), summary, Comparison::representative);
            }
        }
        List<String> shown = new ArrayList<>(List.of(UNCACHED));
        best.values().forEach(summary -> shown.add(summary.policy()));
        return shown.stream().distinct().toList();
    }

    private static Summary representative(Summary a, Summary b) {
        boolean fastA = a.medianSpeedup() >= REPRESENTATIVE_SPEEDUP;
        boolean fastB = b.medianSpeedup() >= REPRESENTATIVE_SPEEDUP;
        if (fastA && fastB) {
            return quality(a) >= quality(b) ? a : b;
        }
        return fastA ? a : fastB ? b : a.medianSpeedup() >= b.medianSpeedup() ? a : b;
    }

    private static double quality(Summary summary) {
        return summary.psnrDb() == null ? 0 : summary.psnrDb();
    }
}
