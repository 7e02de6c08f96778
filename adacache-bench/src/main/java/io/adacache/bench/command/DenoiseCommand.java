package io.adacache.bench.command;

import io.adacache.bench.files.OutputFile;
import io.adacache.bench.pipeline.Denoised;
import io.adacache.bench.pipeline.Pipeline;
import io.adacache.bench.sampler.Noise;
import io.adacache.djl.TorchScriptTransformer;
import io.adacache.djl.npz.NpyArray;
import io.adacache.policy.CachePolicy;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Makes a latent of noise, with any model file. */
@Command(
        name = "denoise",
        mixinStandardHelpOptions = true,
        description =
                "Makes a latent of noise with any model file: sampler, steps and guidance as published, text from a file or"
                        + " made up.")
public final class DenoiseCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private GenerationOptions generation = new GenerationOptions();

    @Mixin
    private KeepingOptions keeping = new KeepingOptions();

    @Option(
            names = "--policy",
            defaultValue = "adacache-fast",
            description = "caching policy: name, or name:key=value,... (default: ${DEFAULT-VALUE})")
    private String policy = "adacache-fast";

    @Option(names = "--out", paramLabel = "FILE.npy", description = "where the latent goes (default: nowhere)")
    private @Nullable Path out;

    @Override
    public Integer call() {
        OutputFile file = OutputOption.of(out);
        try (TorchScriptTransformer transformer = generation.load()) {
            Pipeline pipeline = generation.pipeline(transformer);
            Subject subject = generation.subject(transformer);
            CachePolicy chosen = pipeline.policy(policy);
            Denoised made;
            try (Progress progress = Progress.begin("denoise", pipeline.calls())) {
                made = pipeline.denoise(
                        subject.conditioning(),
                        chosen,
                        new Noise(generation.seed()),
                        call -> progress.step(),
                        keeping::apply);
            }
            if (file != null) {
                file.write(NpyArray.format(made.latent(), pipeline.latentSizes()));
            }
            print(transformer.manifest().name(), pipeline, made);
        }
        return 0;
    }

    private void print(String name, Pipeline pipeline, Denoised made) {
        PrintWriter console = spec.commandLine().getOut();
        console.printf(
                "%s, %s, %d calls%n  %s: %s%n",
                name, pipeline.sampler().name(), pipeline.calls(), policy, StatsLine.of(made));
        made.stats().warnings().forEach(warning -> console.println("  note: " + warning));
        if (out != null) {
            console.println("  " + out);
        }
        console.flush();
    }
}
