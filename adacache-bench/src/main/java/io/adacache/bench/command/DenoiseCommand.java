package io.adacache.bench.command;

import io.adacache.bench.pipeline.Denoised;
import io.adacache.bench.pipeline.LatentPipeline;
import io.adacache.bench.sampler.Noise;
import io.adacache.djl.Manifest;
import io.adacache.djl.TorchScriptTransformer;
import io.adacache.djl.npz.NpyArray;
import io.adacache.policy.CachePolicy;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
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
    private ModelOptions model = new ModelOptions();

    @Mixin
    private LatentOptions options = new LatentOptions();

    @Option(
            names = "--policy",
            defaultValue = "adacache-fast",
            description = "caching policy: name, or name:key=value,... (default: ${DEFAULT-VALUE})")
    private String policy = "adacache-fast";

    @Option(names = "--out", paramLabel = "FILE.npy", description = "where the latent goes (default: nowhere)")
    private @Nullable Path out;

    @Override
    public Integer call() throws IOException {
        try (TorchScriptTransformer transformer = model.load()) {
            Manifest manifest = transformer.manifest();
            LatentPipeline pipeline = options.pipeline(transformer);
            int calls = pipeline.sampler().calls();
            CachePolicy chosen = transformer.policy(policy, calls);
            Denoised made;
            try (Progress progress = Progress.begin("denoise", calls)) {
                made = pipeline.denoise(
                        options.conditioning(manifest, 0), chosen, new Noise(options.seed), call -> progress.step());
            }
            PrintWriter console = spec.commandLine().getOut();
            console.printf(
                    Locale.ROOT,
                    "%s, %s, %d calls%n  %s: %d computed, %d reused, %.0f ms, %d KiB held, %d KiB at peak%n",
                    manifest.name(),
                    pipeline.sampler().name(),
                    calls,
                    policy,
                    made.stats().computedSteps(),
                    made.stats().reusedSteps(),
                    made.millis(),
                    made.stats().bytesHeld() / 1024,
                    made.stats().bytesPeak() / 1024);
            if (out != null) {
                Files.write(out, NpyArray.format(made.latent(), pipeline.latentSizes()));
                console.println("  " + out);
            }
            console.flush();
        }
        return 0;
    }
}
