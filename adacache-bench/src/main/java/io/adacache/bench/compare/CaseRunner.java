package io.adacache.bench.compare;

import io.adacache.Policies;
import io.adacache.bench.pipeline.Clip;
import io.adacache.bench.pipeline.Conditioning;
import io.adacache.bench.pipeline.Decoder;
import io.adacache.bench.pipeline.Denoised;
import io.adacache.bench.pipeline.FlopCount;
import io.adacache.bench.pipeline.Pipeline;
import io.adacache.bench.quality.Networks;
import io.adacache.bench.quality.Recogniser;
import io.adacache.bench.report.Case;
import io.adacache.bench.report.Comparison;
import io.adacache.bench.report.Run;
import io.adacache.bench.report.StepLine;
import io.adacache.bench.sampler.Noise;
import io.adacache.policy.CachePolicy;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * Generates one case under every policy.
 *
 * <p>All policies of a case run right after one another, the uncached one first and the others in an order that rotates from case
 * to case, so that what else the machine does falls on all of them alike. Among many policies the uncached one runs again and again;
 * its median counts.
 */
final class CaseRunner {
    private static final int UNCACHED_EVERY = 12;

    private final Contest contest;
    private final Pipeline pipeline;
    private final Case wanted;
    private final Conditioning conditioning;
    private final Map<String, Repeats> made = new HashMap<>();

    /** A policy and all that it generated for the case. */
    private record Repeats(CachePolicy policy, List<Denoised> generated) {
        Denoised fastest() {
            return generated.stream()
                    .min(Comparator.comparingDouble(Denoised::millis))
                    .orElseThrow();
        }

        Denoised median() {
            List<Denoised> sorted = generated.stream()
                    .sorted(Comparator.comparingDouble(Denoised::millis))
                    .toList();
            return sorted.get((sorted.size() - 1) / 2);
        }
    }

    CaseRunner(Contest contest, Pipeline pipeline, Case wanted, Conditioning conditioning) {
        this.contest = contest;
        this.pipeline = pipeline;
        this.wanted = wanted;
        this.conditioning = conditioning;
    }

    /** Runs policies once without counting: the engine compiles a method for the shapes that it meets in its first calls. */
    void warmUp(Consumer<String> progress) {
        for (String name : contest.warmUp()) {
            progress.accept(name);
            denoise(pipeline.policy(name));
        }
    }

    /**
     * Returns the runs in the order of {@link Contest#names}.
     *
     * @param rotation how far the order of the policies is turned
     * @param networks judge clips
     * @param progress hears the name of each policy as it begins
     */
    List<Run> run(int rotation, Networks networks, Consumer<String> progress) {
        List<String> order = new ArrayList<>(contest.policies());
        Collections.rotate(order.subList(1, order.size()), -rotation);
        for (int i = 0; i < contest.repeats(); i++) {
            generateAll(order, progress);
        }
        Repeats none = made(Comparison.UNCACHED);
        Denoised uncached = (contest.repeats() > 1 ? none.fastest() : none.median()).checked();
        Decoder decoder = pipeline.decoder();
        FlopCount flops = pipeline.flops(conditioning);
        Judge judge = new Judge(
                wanted,
                uncached.millis(),
                decoder.decode(uncached.latent()),
                flops,
                networks,
                pipeline.settings().flatMap(Recogniser::of));
        List<Run> runs = new ArrayList<>();
        for (String name : contest.names()) {
            Repeats own = made(name);
            Denoised chosen = own == none ? uncached : own.fastest();
            Clip clip = decoder.decode(chosen.latent());
            runs.add(new Run(
                    judge.judge(name, own.policy, chosen, clip, own == none),
                    clip,
                    StepLine.of(chosen.trace().steps()),
                    warnings(chosen)));
        }
        return runs;
    }

    private Repeats made(String name) {
        return Objects.requireNonNull(made.get(name), name);
    }

    private static List<String> warnings(Denoised chosen) {
        List<String> warnings = new ArrayList<>(chosen.stats().warnings());
        if (!chosen.isFinite()) {
            warnings.add(Run.NO_NUMBERS);
        }
        return warnings;
    }

    private void generateAll(List<String> order, Consumer<String> progress) {
        int since = 0;
        for (String name : order) {
            if (since++ == UNCACHED_EVERY) {
                generate(Comparison.UNCACHED, pipeline.policy(Comparison.UNCACHED));
                since = 1;
            }
            progress.accept(name);
            generate(name, pipeline.policy(name));
            if (contest.hasTwin(name)) {
                int computed = made(name).fastest().stats().computedSteps();
                generate(Contest.twin(name), Policies.parse("even-" + Math.max(1, computed)));
            }
        }
    }

    private void generate(String name, CachePolicy policy) {
        made.computeIfAbsent(name, key -> new Repeats(policy, new ArrayList<>()))
                .generated
                .add(denoise(policy));
    }

    private Denoised denoise(CachePolicy policy) {
        return pipeline.attempt(
                conditioning,
                policy,
                new Noise(wanted.seed()),
                call -> {},
                settings -> settings.keepAs(contest.storage()));
    }
}
