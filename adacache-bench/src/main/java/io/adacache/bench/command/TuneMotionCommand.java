package io.adacache.bench.command;

import io.adacache.AdaCache;
import io.adacache.bench.pipeline.Conditioning;
import io.adacache.bench.pipeline.Pipeline;
import io.adacache.bench.tune.MotionTuner;
import io.adacache.djl.TorchScriptTransformer;
import io.adacache.policy.CachePolicy;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Finds a model's own constants of motion regularisation. */
@Command(
        name = "tune-motion",
        mixinStandardHelpOptions = true,
        description =
                "Finds a model's own constants of motion regularisation, on prompts other than the ones compared.")
public final class TuneMotionCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private GenerationOptions generation = new GenerationOptions();

    @Mixin
    private RunsOption runs = new RunsOption();

    @Option(
            names = "--policy",
            defaultValue = "adacache-fast",
            description = "an AdaCache policy (default: ${DEFAULT-VALUE})")
    private String policy = "adacache-fast";

    @Override
    public Integer call() {
        runs.check();
        try (TorchScriptTransformer transformer = generation.load()) {
            Pipeline pipeline = generation.pipeline(transformer);
            CachePolicy base = pipeline.policy(policy);
            if (!(base instanceof AdaCache adaCache)) {
                throw new IllegalArgumentException("--policy is an AdaCache policy, but got " + policy);
            }
            List<Conditioning> all = generation
                    .subjects(
                            transformer,
                            TextOptions.Unnamed.of(
                                    generation.trained().tuningPrompts(), runs.of(transformer.manifest())))
                    .stream()
                    .map(Subject::conditioning)
                    .toList();
            MotionTuner tuner = new MotionTuner(pipeline, all, generation.seed(), adaCache);
            try (Progress progress = Progress.begin("tune-motion", tuner.generations())) {
                print(tuner.run(progress::step));
            }
        }
        return 0;
    }

    private void print(List<MotionTuner.Point> points) {
        PrintWriter console = spec.commandLine().getOut();
        console.printf("scale  power  gradient  computed  counts  PSNR dB  gain dB%n");
        for (MotionTuner.Point point : points) {
            console.printf(
                    Locale.ROOT,
                    "%5.3f  %5.1f  %8.1f  %8.2f  %6d  %7.2f  %+7.2f%n",
                    point.scale(),
                    point.power(),
                    point.gradient(),
                    point.computed(),
                    point.counts(),
                    point.psnr(),
                    point.gain());
        }
        recommend(console, points.get(0));
        console.flush();
    }

    private void recommend(PrintWriter console, MotionTuner.Point best) {
        console.printf(
                Locale.ROOT,
                "%nFor pipeline.json or the manifest's \"policies\":%n"
                        + "  \"%s-moreg\": {\"motion-scale\": \"%s\", \"motion-power\": \"%s\", \"motion-gradient\": \"%s\"}%n",
                policy,
                best.scale(),
                best.power(),
                best.gradient());
    }
}
