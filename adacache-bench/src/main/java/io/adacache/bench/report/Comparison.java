package io.adacache.bench.report;

import java.util.List;

/**
 * Several policies on several prompts, uncached first.
 *
 * @param title heading of the report
 * @param fps frames per second of the clips
 * @param policies as they were asked for, in the order of the report
 * @param prompts in order
 * @param runs one per prompt and policy
 * @param facts machine, model, settings
 */
public record Comparison(
        String title, double fps, List<String> policies, List<String> prompts, List<Run> runs, List<Fact> facts) {
    /** Name of the policy that caches nothing, with which all others are compared. */
    public static final String UNCACHED = "none";

    /** Copies the lists. */
    public Comparison {
        policies = List.copyOf(policies);
        prompts = List.copyOf(prompts);
        runs = List.copyOf(runs);
        facts = List.copyOf(facts);
    }

    /** Returns the runs of a prompt, in the order of the policies. */
    List<Run> ofPrompt(int prompt) {
        return runs.subList(prompt * policies.size(), (prompt + 1) * policies.size());
    }

    /** Returns the means of each policy over the prompts. */
    List<Summary> summaries() {
        return policies.stream()
                .map(policy -> Summary.of(
                        policy,
                        runs.stream()
                                .map(Run::result)
                                .filter(result -> result.policy().equals(policy))
                                .toList()))
                .toList();
    }
}
