package io.adacache.bench.command;

import io.adacache.bench.pipeline.Generated;
import io.adacache.bench.pipeline.Pipeline;
import io.adacache.bench.quality.Quality;
import io.adacache.bench.report.Comparison;
import io.adacache.bench.report.Result;
import io.adacache.bench.report.Run;
import io.adacache.policy.CachePolicy;
import java.util.ArrayList;
import java.util.Collections;
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
    private final Progress progress;

    /**
     * @param policies by the name that they have in the report, {@link Comparison#UNCACHED} first
     */
    ComparisonRunner(Pipeline pipeline, int steps, Map<String, CachePolicy> policies, Progress progress) {
        this.pipeline = pipeline;
        this.steps = steps;
        this.policies = new LinkedHashMap<>(policies);
        this.progress = progress;
    }

    /** Returns the number of generations of {@link #run}, warm-up included. */
    static int generations(int prompts, int policies) {
        return (prompts + 1) * policies;
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

    private List<Run> run(String prompt, long seed, int rotation) {
        List<String> names = new ArrayList<>(policies.keySet());
        List<String> order = new ArrayList<>(names.subList(1, names.size()));
        Collections.rotate(order, -rotation);
        order.add(0, names.get(0));
        Map<String, Generated> made = new LinkedHashMap<>();
        for (String name : order) {
            progress.say(name);
            CachePolicy policy = policies.get(name);
            made.put(name, pipeline.generate(prompt, seed, steps, policy, step -> {}));
            progress.step();
        }
        Generated uncached = made.get(names.get(0));
        List<Run> runs = new ArrayList<>();
        for (String name : names) {
            runs.add(new Run(result(name, prompt, seed, made.get(name), uncached), made.get(name)));
        }
        return runs;
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
