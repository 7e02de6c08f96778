package io.adacache.bench.command;

import io.adacache.bench.pipeline.FlopCount;
import io.adacache.bench.pipeline.Generated;
import io.adacache.bench.pipeline.Pipeline;
import io.adacache.bench.quality.Lpips;
import io.adacache.bench.quality.Quality;
import io.adacache.bench.quality.Steadiness;
import io.adacache.bench.report.Case;
import io.adacache.bench.report.Comparison;
import io.adacache.bench.report.Result;
import io.adacache.bench.report.Run;
import io.adacache.policy.CachePolicy;
import io.adacache.policy.Schedules;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * Generates every case under every policy.
 *
 * <p>All policies of a case run right after one another, the uncached one first and the others in an order that rotates from case
 * to case, so that what else the machine does falls on all of them alike. Among many policies the uncached one runs again and again;
 * its median counts.
 */
final class ComparisonRunner {
    private static final int UNCACHED_EVERY = 12;
    private static final int WARM_UP = 12;

    private final Pipeline pipeline;
    private final List<String> policies;
    private final int repeats;
    private final boolean twins;
    private final @Nullable Lpips lpips;
    private final Progress progress;

    /**
     * @param policies as they were asked for, {@link Comparison#UNCACHED} first
     * @param repeats how often each generation runs; the fastest counts
     * @param twins whether every other policy is followed by as many evenly spaced steps as it computed
     * @param lpips measures perceptual distance, or null
     */
    ComparisonRunner(
            Pipeline pipeline,
            List<String> policies,
            int repeats,
            boolean twins,
            @Nullable Lpips lpips,
            Progress progress) {
        this.pipeline = pipeline;
        this.policies = List.copyOf(policies);
        this.repeats = repeats;
        this.twins = twins;
        this.lpips = lpips;
        this.progress = progress;
    }

    /** Returns the number of generations of {@link #run} beside twins and further uncached ones, warm-up included. */
    static int generations(int cases, int policies, int repeats) {
        return cases * repeats * policies + Math.min(WARM_UP, policies);
    }

    /** Runs all. */
    List<Run> run(List<Case> cases) {
        // The engine compiles a method for the shapes that it meets in its first calls.
        for (String name : policies.subList(0, Math.min(WARM_UP, policies.size()))) {
            Case first = cases.get(0);
            pipeline.generate(first.prompt(), first.seed(), first.steps(), policy(name, first), step -> {});
            progress.step();
        }
        List<Run> runs = new ArrayList<>();
        for (int i = 0; i < cases.size(); i++) {
            runs.addAll(run(cases.get(i), i));
        }
        return runs;
    }

    private CachePolicy policy(String name, Case made) {
        return pipeline.policy(name, made.steps());
    }

    /** Returns the names in the report, in the order in which {@link #run} returns the runs of a case. */
    List<String> names() {
        List<String> names = new ArrayList<>();
        for (String name : policies) {
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
        return Comparison.TWIN + name;
    }

    /** A policy and all that it generated for a case. */
    private record Made(CachePolicy policy, List<Generated> generated) {
        Generated fastest() {
            return generated.stream()
                    .min(Comparator.comparingDouble(Generated::millis))
                    .orElseThrow();
        }

        Generated median() {
            List<Generated> sorted = generated.stream()
                    .sorted(Comparator.comparingDouble(Generated::millis))
                    .toList();
            return sorted.get((sorted.size() - 1) / 2);
        }
    }

    private List<Run> run(Case wanted, int rotation) {
        List<String> order = new ArrayList<>(policies);
        Collections.rotate(order.subList(1, order.size()), -rotation);
        Map<String, Made> made = new HashMap<>();
        for (int i = 0; i < repeats; i++) {
            int since = 0;
            for (String name : order) {
                if (since++ == UNCACHED_EVERY) {
                    generate(Comparison.UNCACHED, wanted, policy(Comparison.UNCACHED, wanted), made);
                    since = 1;
                }
                progress.say(name);
                generate(name, wanted, policy(name, wanted), made);
                if (hasTwin(name)) {
                    int computed = made.get(name).fastest().stats().computedSteps();
                    generate(twin(name), wanted, Schedules.even(Math.max(1, computed)), made);
                }
                progress.step();
            }
        }
        Made none = made.get(Comparison.UNCACHED);
        Generated uncached = repeats > 1 ? none.fastest() : none.median();
        FlopCount flops = pipeline.flops(wanted.prompt());
        List<Run> runs = new ArrayList<>();
        for (String name : names()) {
            Made own = made.get(name);
            Generated generated = own == none ? uncached : own.fastest();
            runs.add(new Run(result(name, wanted, own.policy, generated, uncached, flops), generated));
        }
        return runs;
    }

    private void generate(String name, Case wanted, CachePolicy policy, Map<String, Made> made) {
        made.computeIfAbsent(name, key -> new Made(policy, new ArrayList<>()))
                .generated
                .add(pipeline.generate(wanted.prompt(), wanted.seed(), wanted.steps(), policy, step -> {}));
    }

    private Result result(
            String name, Case wanted, CachePolicy policy, Generated made, Generated uncached, FlopCount flops) {
        Quality quality = made == uncached ? null : Quality.of(made.clip(), uncached.clip());
        Steadiness steadiness = Steadiness.of(made.clip());
        return new Result(
                name,
                wanted.prompt(),
                wanted.seed(),
                wanted.steps(),
                made.stats().computedSteps(),
                made.millis(),
                uncached.millis() / made.millis(),
                made.stats().idealSpeedup(),
                quality == null ? null : quality.psnr(),
                quality == null ? null : quality.ssim(),
                made.stats().bytesHeld(),
                made.stats().bytesPeak(),
                orNull(made.stats().computedStepMillis()),
                orNull(made.stats().reusedStepMillis()),
                setting(policy),
                quality == null || lpips == null ? null : Double.valueOf(lpips.of(made.clip(), uncached.clip())),
                orNull(flops.of(policy, made.trace().steps())),
                steadiness.flicker(),
                steadiness.motion());
    }

    private static String setting(CachePolicy policy) {
        String[] parts = policy.name().split(":", 2);
        return parts.length == 1 ? "" : parts[1];
    }

    private static @Nullable Double orNull(OptionalDouble value) {
        return value.isPresent() ? value.getAsDouble() : null;
    }
}
