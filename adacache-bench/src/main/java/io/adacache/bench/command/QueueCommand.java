package io.adacache.bench.command;

import io.adacache.Calibration;
import io.adacache.bench.calibrate.FoundFile;
import io.adacache.bench.pipeline.Decoder;
import io.adacache.bench.pipeline.Denoised;
import io.adacache.bench.pipeline.FlopCount;
import io.adacache.bench.pipeline.Pipeline;
import io.adacache.bench.quality.Psnr;
import io.adacache.bench.sampler.Noise;
import io.adacache.djl.TorchScriptTransformer;
import io.adacache.policy.CachePolicy;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Clips that share a budget, beside the same budget split evenly. */
@Command(
        name = "queue",
        mixinStandardHelpOptions = true,
        description =
                "Generates clips that share a budget of operations, so that those that change more are computed in more steps, beside"
                        + " the same budget split evenly: the paper's experiment with a capped budget.")
public final class QueueCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private GenerationOptions generation = new GenerationOptions();

    @Option(
            names = "--calibration",
            required = true,
            paramLabel = "FILE",
            description = "what 'calibrate --json' wrote for this model")
    private Path calibration = Path.of("");

    @Option(
            names = "--speedup",
            required = true,
            paramLabel = "X",
            description = "the budget: so many times fewer operations than all clips uncached")
    private double speedup;

    @Option(
            names = "--even",
            paramLabel = "POLICY",
            description =
                    "how the budget is split evenly; %d stands for the computed steps per clip (default: adacache-plus:calls=%d)")
    private @Nullable String even;

    /** One clip, three times. */
    private record Row(String name, int shared, double sharedPsnr, int even, double evenPsnr, double sharedCost) {}

    @Override
    public Integer call() {
        Calibration.Result found = FoundFile.read(calibration);
        Calibration.Target.speedup(speedup);
        try (TorchScriptTransformer transformer = generation.load()) {
            Pipeline pipeline = generation.pipeline(transformer);
            List<Subject> subjects = generation.subjects(
                    transformer, TextOptions.Unnamed.of(generation.trained().shownPrompts(), 4));
            Calibration.Queue queue = found.queue(subjects.size(), subjects.size() / speedup);
            int steps = (int) Math.round(pipeline.calls() / speedup);
            CachePolicy evenly = pipeline.policy(
                    (even == null ? "adacache-plus:calls=%d" : even).replace("%d", Integer.toString(steps)));
            List<Row> rows = new ArrayList<>();
            try (Progress progress = Progress.begin("queue", 3L * subjects.size())) {
                for (int i = 0; i < subjects.size(); i++) {
                    rows.add(row(pipeline, subjects.get(i), generation.seed() + i, queue, evenly, progress));
                }
            }
            print(rows, evenly, pipeline.calls());
        }
        return 0;
    }

    private Row row(
            Pipeline pipeline,
            Subject subject,
            long seed,
            Calibration.Queue queue,
            CachePolicy evenly,
            Progress progress) {
        float[] reference = clip(pipeline, made(pipeline, subject, seed, pipeline.policy("none"), progress));
        CachePolicy next = pipeline.policy(queue.next());
        Denoised shared = made(pipeline, subject, seed, next, progress);
        FlopCount flops = pipeline.flops(subject.conditioning());
        double cost = flops.share(next, shared.trace());
        queue.took(cost);
        Denoised split = made(pipeline, subject, seed, evenly, progress);
        return new Row(
                subject.name(),
                shared.stats().computedSteps(),
                Psnr.decibels(clip(pipeline, shared), reference),
                split.stats().computedSteps(),
                Psnr.decibels(clip(pipeline, split), reference),
                cost);
    }

    private static Denoised made(Pipeline pipeline, Subject subject, long seed, CachePolicy policy, Progress progress) {
        Denoised made = pipeline.denoise(subject.conditioning(), policy, new Noise(seed), call -> {});
        progress.step();
        return made;
    }

    private static float[] clip(Pipeline pipeline, Denoised made) {
        Decoder decoder = pipeline.decoder();
        return decoder.decode(made.latent()).values();
    }

    private void print(List<Row> rows, CachePolicy evenly, int calls) {
        PrintWriter console = spec.commandLine().getOut();
        console.printf("shared, then %s; computed steps of %d and PSNR%n", evenly.name(), calls);
        for (Row row : rows) {
            console.printf(
                    Locale.ROOT,
                    "%3d %5.1f dB  %3d %5.1f dB  %s%n",
                    row.shared(),
                    row.sharedPsnr(),
                    row.even(),
                    row.evenPsnr(),
                    row.name());
        }
        console.printf(
                Locale.ROOT,
                "mean %.1f steps, %.1f dB (worst %.1f) shared; %.1f steps, %.1f dB (worst %.1f) evenly%n",
                mean(rows, Row::shared),
                mean(rows, Row::sharedPsnr),
                worst(rows, Row::sharedPsnr),
                mean(rows, Row::even),
                mean(rows, Row::evenPsnr),
                worst(rows, Row::evenPsnr));
        console.printf(
                Locale.ROOT,
                "budget %.2f uncached generations, %.2f used%n",
                rows.size() / speedup,
                rows.stream().mapToDouble(Row::sharedCost).sum());
        console.flush();
    }

    private static double mean(List<Row> rows, ToDoubleFunction<Row> of) {
        return rows.stream().mapToDouble(of).average().orElse(0);
    }

    private static double worst(List<Row> rows, ToDoubleFunction<Row> of) {
        return rows.stream().mapToDouble(of).min().orElse(0);
    }
}
