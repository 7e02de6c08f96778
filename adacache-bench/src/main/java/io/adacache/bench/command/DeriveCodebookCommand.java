package io.adacache.bench.command;

import io.adacache.AdaCache;
import io.adacache.bench.derive.CodebookFinder;
import io.adacache.bench.pipeline.LatentPipeline;
import io.adacache.bench.sampler.Noise;
import io.adacache.djl.Manifest;
import io.adacache.djl.TorchScriptTransformer;
import io.adacache.policy.CachePolicy;
import io.adacache.policy.Codebook;
import io.adacache.replay.Recording;
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

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private ModelOptions model = new ModelOptions();

    @Mixin
    private LatentOptions options = new LatentOptions();

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
        if (!(target > 0 && target <= 1) || runs < 1) {
            throw new IllegalArgumentException(
                    "--target is a share above 0 and at most 1, --runs 1 or more, but got " + target + " and " + runs);
        }
        PrintWriter console = spec.commandLine().getOut();
        try (TorchScriptTransformer transformer = model.load()) {
            LatentPipeline pipeline = options.pipeline(transformer);
            Manifest manifest = transformer.manifest();
            int calls = pipeline.sampler().calls();
            List<Recording> recordings = record(pipeline, manifest);
            CodebookFinder finder = new CodebookFinder(recordings, rates());
            console.printf(
                    "%s, %s, %d calls; distance of every call from the one before, from call 2 on:%n%s%s%n",
                    manifest.name(),
                    pipeline.sampler().name(),
                    calls,
                    lines(CodebookFinder.distances(recordings.get(0))),
                    quantiles(finder));
            Codebook codebook = finder.find(target);
            console.printf(
                    Locale.ROOT,
                    "%d generations; of %d calls are computed: %.1f wanted, %.1f when replayed, %.1f when generated%n",
                    runs,
                    calls,
                    target * calls,
                    finder.computed(codebook),
                    computed(pipeline, manifest, codebook));
            console.printf("--policy adacache:codebook=%s%n", codebook);
            console.flush();
        }
        return 0;
    }

    private List<Recording> record(LatentPipeline pipeline, Manifest manifest) {
        List<CachePolicy> policies = List.of(AdaCache.builder().build());
        List<Recording> recordings = new ArrayList<>();
        try (Progress progress =
                Progress.begin("record", (long) runs * pipeline.sampler().calls())) {
            for (int i = 0; i < runs; i++) {
                recordings.add(pipeline.record(
                        options.conditioning(manifest, i),
                        policies,
                        new Noise(options.seed + i),
                        call -> progress.step()));
            }
        }
        return recordings;
    }

    private double computed(LatentPipeline pipeline, Manifest manifest, Codebook codebook) {
        CachePolicy policy = AdaCache.builder().codebook(codebook).build();
        double sum = 0;
        try (Progress progress =
                Progress.begin("generate", (long) runs * pipeline.sampler().calls())) {
            for (int i = 0; i < runs; i++) {
                sum += pipeline.denoise(
                                options.conditioning(manifest, i),
                                policy,
                                new Noise(options.seed + i),
                                call -> progress.step())
                        .stats()
                        .computedSteps();
            }
        }
        return sum / runs;
    }

    private int[] rates() {
        try {
            return Arrays.stream(rates.split("[;+]"))
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
