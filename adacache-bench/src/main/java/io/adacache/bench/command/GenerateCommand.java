package io.adacache.bench.command;

import io.adacache.bench.files.OutputFile;
import io.adacache.bench.files.OutputFolder;
import io.adacache.bench.pipeline.Clip;
import io.adacache.bench.pipeline.Decoder;
import io.adacache.bench.pipeline.Denoised;
import io.adacache.bench.pipeline.Pictures;
import io.adacache.bench.pipeline.Pipeline;
import io.adacache.bench.report.FileNames;
import io.adacache.bench.sampler.Noise;
import io.adacache.djl.TorchScriptTransformer;
import io.adacache.policy.CachePolicy;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Makes clips. */
@Command(
        name = "generate",
        mixinStandardHelpOptions = true,
        description = "Makes clips from prompts or other text: an animated GIF and a contact sheet (PNG) each.")
public final class GenerateCommand implements Callable<Integer> {
    private static final int GIF_ZOOM = 6;
    private static final int SHEET_ZOOM = 4;

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

    @Option(names = "--out", paramLabel = "DIR", defaultValue = ".", description = "where files go (default: here)")
    private Path out = Path.of(".");

    @Override
    public Integer call() {
        TextRequired.check(generation, spec);
        try (OutputFolder folder = OutputFolder.open(out);
                TorchScriptTransformer transformer = generation.load()) {
            Pipeline pipeline = generation.pipeline(transformer);
            CachePolicy chosen = pipeline.policy(policy);
            List<Subject> subjects = generation.subjects(transformer, TextOptions.Unnamed.madeUp(1));
            for (int i = 0; i < subjects.size(); i++) {
                generate(pipeline, subjects.get(i), generation.seed() + i, chosen, folder);
            }
        }
        return 0;
    }

    private void generate(Pipeline pipeline, Subject subject, long seed, CachePolicy chosen, OutputFolder folder) {
        Denoised made;
        try (Progress progress = Progress.begin("generate", pipeline.calls())) {
            made = pipeline.denoise(
                    subject.conditioning(), chosen, new Noise(seed), call -> progress.step(), keeping::apply);
        }
        Decoder decoder = pipeline.decoder();
        Clip clip = decoder.decode(made.latent());
        String name = FileNames.of(subject.name() + " seed " + seed) + "-" + FileNames.ofPolicy(policy);
        OutputFile gif = folder.file(name + ".gif");
        OutputFile sheet = folder.file(name + ".png");
        gif.write(Pictures.gif(clip, decoder.fps(), GIF_ZOOM));
        sheet.write(Pictures.sheet(List.of(clip), SHEET_ZOOM));
        print(subject, pipeline.calls(), made, gif, sheet);
    }

    private void print(Subject subject, int calls, Denoised made, OutputFile gif, OutputFile sheet) {
        PrintWriter console = spec.commandLine().getOut();
        console.printf(
                Locale.ROOT,
                "%s%n  %s: %d of %d steps computed, %s, %d KiB held, %d KiB at peak%n  %s%n  %s%n",
                subject.name(),
                policy,
                made.stats().computedSteps(),
                calls,
                StatsLine.time(made),
                made.stats().bytesHeld() / 1024,
                made.stats().bytesPeak() / 1024,
                gif,
                sheet);
        made.stats().warnings().forEach(warning -> console.println("  note: " + warning));
        console.flush();
    }
}
