package io.adacache.bench.command;

import io.adacache.AdaCache;
import io.adacache.bench.derive.CodebookFinder;
import io.adacache.bench.pipeline.Pipeline;
import io.adacache.bench.sampler.Noise;
import io.adacache.djl.Manifest;
import io.adacache.djl.TorchScriptTransformer;
import io.adacache.policy.CachePolicy;
import io.adacache.policy.Codebook;
import io.adacache.tune.Recording;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Finds thresholds for a model whose authors published none. */
@Command(
        name = "derive-codebook",
        mixinStandardHelpOptions = true,
        description =
                "Records the distances at the probe in uncached generations, and finds the codebook with which a wanted share"
                        + " of the calls is computed. A starting point: look at clips before you use it. Needs memory for two"
                        + " activations per call.")
public final class DeriveCodebookCommand implements Callable<Integer> {
    private static final int[] PERCENT = {0, 10, 25, 50, 75, 90, 100};
    private static final int STEPS_PER_LINE = 10;
    private static final double HALF = 0.5;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private GenerationOptions generation = new GenerationOptions();

    @Option(
            names = "--target",
            defaultValue = "0.3",
            paramLabel = "SHARE",
            description = "share of the calls to be computed (default: ${DEFAULT-VALUE})")
    private double target;

    @Option(
            names = "--rates",
            defaultValue = "6;5;4;3;2;1",
            paramLabel = "R;R;..",
            description = "cache rates, descending, parted by ; or + (default: ${DEFAULT-VALUE})")
    private String rates = "";

    @Option(
            names = "--runs",
            defaultValue = "1",
            paramLabel = "K",
            description = "generations to record, each with its own seed (default: ${DEFAULT-VALUE})")
    private int runs;

    @Override
    public Integer call() {
        if (!(target > 0 && target <= 1)) {
            throw new IllegalArgumentException("--target is a share above 0 and at most 1, but got " + target);
        }
        Ranges.check("--runs", runs, Ranges.COUNT);
        int[] parsed = rates();
        try (TorchScriptTransformer transformer = generation.load()) {
            Pipeline pipeline = generation.pipeline(transformer);
            List<Subject> subjects = subjects(transformer);
            CodebookFinder finder = new CodebookFinder(record(pipeline, subjects), parsed);
            describe(transformer.manifest(), pipeline, finder);
            print(pipeline, subjects, finder, found(finder, pipeline.calls()));
        }
        return 0;
    }

    /** As many subjects as runs: the named ones again and again, or other made-up text for each. */
    private List<Subject> subjects(TorchScriptTransformer transformer) {
        List<Subject> all = generation.subjects(transformer, TextOptions.Unnamed.madeUp(runs));
        if (all.size() > runs) {
            throw new IllegalArgumentException(
                    "--runs " + runs + " leaves out some of the " + all.size() + " texts; give --runs " + all.size());
        }
        return IntStream.range(0, runs).mapToObj(i -> all.get(i % all.size())).toList();
    }

    private void describe(Manifest manifest, Pipeline pipeline, CodebookFinder finder) {
        PrintWriter console = spec.commandLine().getOut();
        console.printf(
                "%s, %s, %d calls; distance of every call from the one before, from call 2 on:%n%s%s%n",
                manifest.name(),
                pipeline.sampler().name(),
                pipeline.calls(),
                lines(finder.firstDistances()),
                quantiles(finder));
        console.flush();
    }

    /** Returns the codebook, if the target lies between what these rates can reach. */
    private Codebook found(CodebookFinder finder, int calls) {
        double wanted = target * calls;
        double fewest = finder.fewest();
        double most = finder.most();
        if (wanted < fewest - HALF || wanted > most + HALF) {
            throw new GoalMissed(String.format(
                    Locale.ROOT,
                    "No codebook of the rates %s computes %.1f of %d calls: %.1f to %.1f can be reached, which is a --target of"
                            + " %.2f to %.2f. Higher --rates reach fewer calls, rates down to 1 reach more",
                    rates,
                    wanted,
                    calls,
                    fewest,
                    most,
                    fewest / calls,
                    most / calls));
        }
        return finder.find(target);
    }

    private void print(Pipeline pipeline, List<Subject> subjects, CodebookFinder finder, Codebook codebook) {
        PrintWriter console = spec.commandLine().getOut();
        console.printf(
                Locale.ROOT,
                "%d generations; of %d calls are computed: %.1f wanted, %.1f when replayed, %.1f when generated%n",
                runs,
                pipeline.calls(),
                target * pipeline.calls(),
                finder.computed(codebook),
                computed(pipeline, subjects, codebook));
        console.printf("--policy adacache:codebook=%s%n", codebook);
        console.flush();
    }

    private List<Recording> record(Pipeline pipeline, List<Subject> subjects) {
        List<CachePolicy> policies = List.of(AdaCache.builder().build());
        List<Recording> recordings = new ArrayList<>();
        try (Progress progress = Progress.begin("record", (long) runs * pipeline.calls())) {
            for (int i = 0; i < runs; i++) {
                recordings.add(pipeline.record(
                        subjects.get(i).conditioning(),
                        policies,
                        new Noise(generation.seed() + i),
                        call -> progress.step()));
            }
        }
        return recordings;
    }

    private double computed(Pipeline pipeline, List<Subject> subjects, Codebook codebook) {
        CachePolicy policy = AdaCache.builder().codebook(codebook).build();
        double sum = 0;
        try (Progress progress = Progress.begin("generate", (long) runs * pipeline.calls())) {
            for (int i = 0; i < runs; i++) {
                sum += pipeline.denoise(
                                subjects.get(i).conditioning(),
                                policy,
                                new Noise(generation.seed() + i),
                                call -> progress.step())
                        .stats()
                        .computedSteps();
            }
        }
        return sum / runs;
    }

    private int[] rates() {
        try {
            return Arrays.stream(rates.split("[;+]", -1))
                    .mapToInt(rate -> Integer.parseInt(rate.trim()))
                    .toArray();
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("--rates are whole numbers as 6;5;4, but got '" + rates + "'", e);
        }
    }

    private static String lines(double[] distances) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < distances.length; i += STEPS_PER_LINE) {
            text.append(IntStream.range(i, Math.min(i + STEPS_PER_LINE, distances.length))
                            .mapToObj(k -> String.format(Locale.ROOT, "%.4g", distances[k]))
                            .collect(Collectors.joining("  ", "  ", "")))
                    .append(System.lineSeparator());
        }
        return text.toString();
    }

    private static String quantiles(CodebookFinder finder) {
        return Arrays.stream(PERCENT)
                .mapToObj(
                        percent -> String.format(Locale.ROOT, "%d %%: %.4g", percent, finder.quantile(percent / 100.0)))
                .collect(Collectors.joining(", ", "quantiles: ", ""));
    }
}
