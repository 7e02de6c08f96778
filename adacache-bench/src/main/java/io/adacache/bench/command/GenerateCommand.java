package io.adacache.bench.command;

import io.adacache.bench.pipeline.Generated;
import io.adacache.bench.pipeline.Pictures;
import io.adacache.bench.pipeline.Pipeline;
import io.adacache.bench.report.FileNames;
import io.adacache.djl.TorchScriptTransformer;
import io.adacache.policy.CachePolicy;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Makes clips from prompts. */
@Command(
        name = "generate",
        mixinStandardHelpOptions = true,
        description = "Makes clips from prompts: an animated GIF and a contact sheet (PNG) each.")
public final class GenerateCommand implements Callable<Integer> {
    private static final int GIF_ZOOM = 6;
    private static final int SHEET_ZOOM = 4;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private ModelOptions model = new ModelOptions();

    @Mixin
    private GenerationOptions generation = new GenerationOptions();

    @Option(names = "--prompt", required = true, description = "what the clip shows; repeatable")
    private List<String> prompts = new ArrayList<>();

    @Option(
            names = "--policy",
            defaultValue = "adacache-fast",
            description = "caching policy: name, or name:key=value,... (default: ${DEFAULT-VALUE})")
    private String policy = "adacache-fast";

    @Option(names = "--out", paramLabel = "DIR", defaultValue = ".", description = "where files go (default: here)")
    private Path out = Path.of(".");

    @Override
    public Integer call() throws IOException {
        generation.check();
        try (TorchScriptTransformer transformer = model.load()) {
            Pipeline pipeline = generation.pipeline(transformer);
            CachePolicy chosen = pipeline.policy(policy, generation.steps());
            prompts.forEach(pipeline::check);
            Files.createDirectories(out);
            for (int i = 0; i < prompts.size(); i++) {
                generate(pipeline, prompts.get(i), generation.seed + i, chosen);
            }
        }
        return 0;
    }

    private void generate(Pipeline pipeline, String prompt, long seed, CachePolicy chosen) throws IOException {
        Generated made;
        try (Progress progress = Progress.begin("generate", generation.steps())) {
            made = pipeline.generate(prompt, seed, generation.steps(), chosen, step -> progress.step());
        }
        String name = FileNames.of(prompt + " seed " + seed + " " + policy);
        Path gif = out.resolve(name + ".gif");
        Path sheet = out.resolve(name + ".png");
        Files.write(gif, Pictures.gif(made.clip(), pipeline.fps(), GIF_ZOOM));
        Files.write(sheet, Pictures.sheet(List.of(made.clip()), SHEET_ZOOM));
        PrintWriter console = spec.commandLine().getOut();
        console.printf(
                Locale.ROOT,
                "%s%n  %s: %d of %d steps computed, %.0f ms, %d KiB held, %d KiB at peak%n  %s%n  %s%n",
                prompt,
                policy,
                made.stats().computedSteps(),
                generation.steps(),
                made.millis(),
                made.stats().bytesHeld() / 1024,
                made.stats().bytesPeak() / 1024,
                gif,
                sheet);
        made.stats().warnings().forEach(warning -> console.println("  note: " + warning));
        console.flush();
    }
}
