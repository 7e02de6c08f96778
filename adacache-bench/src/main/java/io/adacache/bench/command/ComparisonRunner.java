package io.adacache.bench.command;

import io.adacache.bench.pipeline.Generated;
import io.adacache.bench.pipeline.Pipeline;
import io.adacache.bench.quality.Quality;
import io.adacache.bench.report.Comparison;
import io.adacache.bench.report.Result;
import io.adacache.bench.report.Run;
import io.adacache.policy.CachePolicy;
import io.adacache.policy.Schedules;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * Generates every prompt under every policy.
 *
 * <p>All policies of a prompt run right after one another, the uncached one first and the others in an order that rotates from
 * prompt to prompt, so that what else the machine does falls on all of them alike.
 */
final class ComparisonRunner {
    private final Pipeline pipeline;
    private final int steps;
    private final Map<String, CachePolicy> policies;
    private final int repeats;
    private final boolean twins;
    private final Progress progress;

    /**
     * @param policies by the name that they have in the report, {@link Comparison#UNCACHED} first
     * @param repeats how often each generation runs; the fastest counts
     * @param twins whether every other policy is followed by as many evenly spaced steps as it computed
     */
    ComparisonRunner(
            Pipeline pipeline,
            int steps,
            Map<String, CachePolicy> policies,
            int repeats,
            boolean twins,
            Progress progress) {
        this.pipeline = pipeline;
        this.steps = steps;
        this.policies = new LinkedHashMap<>(policies);
        this.repeats = repeats;
        this.twins = twins;
        this.progress = progress;
    }

    /** Returns the number of generations of {@link #run} beside twins, warm-up included. */
    static int generations(int prompts, int policies, int repeats) {
        return (prompts * repeats + 1) * policies;
    }

    /** Runs all; the seed of a prompt is the first seed plus its position. */
    List<Run> run(List<String> prompts, long seed) {
        // The engine compiles a method for the shapes that it meets in its first calls.
        for (CachePolicy policy : policies.values()) {
            pipeline.generate(prompts.get(0), seed, steps, policy, step -> {});
            progress.step();
        }
        List<Run> runs = new ArrayList<>();
        for (int i = 0; i < prompts.size(); i++) {
            runs.addAll(run(prompts.get(i), seed + i, i));
        }
        return runs;
    }

    /** Returns the names in the report, in the order in which {@link #run} returns the runs of a prompt. */
    List<String> names() {
        List<String> names = new ArrayList<>();
        for (String name : policies.keySet()) {
            names.add(name);
            if (hasTwin(name)) {
                names.add(twin(name));
            }
        }
        return names;
    }

    private boolean hasTwin(String name) {
        boolean even = name.startsWith("even") || name.startsWith("every");
        return twins && !even && !name.equals(Comparison.UNCACHED);
    }

    private static String twin(String name) {
        return "even as " + name;
    }

    private List<Run> run(String prompt, long seed, int rotation) {
        List<String> order = new ArrayList<>(policies.keySet());
        Collections.rotate(order.subList(1, order.size()), -rotation);
        Map<String, Generated> made = new HashMap<>();
        for (int i = 0; i < repeats; i++) {
            for (String name : order) {
                progress.say(name);
                generate(name, prompt, seed, policies.get(name), made);
                if (hasTwin(name)) {
                    int computed = made.get(name).stats().computedSteps();
                    generate(twin(name), prompt, seed, Schedules.even(Math.max(1, computed)), made);
                }
                progress.step();
            }
        }
        Generated uncached = made.get(Comparison.UNCACHED);
        List<Run> runs = new ArrayList<>();
        for (String name : names()) {
            runs.add(new Run(result(name, prompt, seed, made.get(name), uncached), made.get(name)));
        }
        return runs;
    }

    private void generate(String name, String prompt, long seed, CachePolicy policy, Map<String, Generated> made) {
        Generated now = pipeline.generate(prompt, seed, steps, policy, step -> {});
        made.merge(name, now, (before, after) -> before.millis() <= after.millis() ? before : after);
    }

    private Result result(String name, String prompt, long seed, Generated made, Generated uncached) {
        Quality quality = made == uncached ? null : Quality.of(made.clip(), uncached.clip());
        return new Result(
                name,
                prompt,
                seed,
                steps,
                made.stats().computedSteps(),
                made.millis(),
                uncached.millis() / made.millis(),
                made.stats().idealSpeedup(),
                quality == null ? null : quality.psnr(),
                quality == null ? null : quality.ssim(),
                made.stats().bytesHeld(),
                made.stats().bytesPeak(),
                orNull(made.stats().computedStepMillis()),
                orNull(made.stats().reusedStepMillis()));
    }

    private static @Nullable Double orNull(OptionalDouble value) {
        return value.isPresent() ? value.getAsDouble() : null;
    }
}
