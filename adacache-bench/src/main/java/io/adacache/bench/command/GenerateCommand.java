package io.adacache.bench.command;

import io.adacache.bench.compare.VBenchFolder;
import io.adacache.bench.files.OutputFile;
import io.adacache.bench.files.OutputFolder;
import io.adacache.bench.pipeline.Clip;
import io.adacache.bench.pipeline.Decoder;
import io.adacache.bench.pipeline.Denoised;
import io.adacache.bench.pipeline.Pipeline;
import io.adacache.bench.report.FileNames;
import io.adacache.bench.sampler.Noise;
import io.adacache.bench.video.VideoFormat;
import io.adacache.djl.TorchScriptTransformer;
import io.adacache.policy.CachePolicy;
import java.io.PrintWriter;
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

/** Makes clips. */
@Command(
        name = "generate",
        mixinStandardHelpOptions = true,
        description =
                "Makes clips from prompts or other text: an animated GIF and a contact sheet (PNG) each, or what --format says.")
public final class GenerateCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private GenerationOptions generation = new GenerationOptions();

    @Mixin
    private ShowOptions shown = new ShowOptions();

    @Mixin
    private KeepingOptions keeping = new KeepingOptions();

    @Option(
            names = "--policy",
            defaultValue = "adacache-fast",
            description = "caching policy: name, or name:key=value,... (default: ${DEFAULT-VALUE})")
    private String policy = "adacache-fast";

    @Option(
            names = "--vbench",
            description = "write vbench/ too: the clips and their prompts as the VBench tool takes them")
    private boolean vbench;

    @Option(names = "--out", paramLabel = "DIR", defaultValue = ".", description = "where files go (default: here)")
    private Path out = Path.of(".");

    @Override
    public Integer call() {
        TextRequired.check(generation, spec);
        shown.shown(1);
        List<VideoFormat> formats = shown.formats("gif", "png");
        try (OutputFolder folder = OutputFolder.open(out);
                TorchScriptTransformer transformer = generation.load()) {
            Pipeline pipeline = generation.pipeline(transformer);
            CachePolicy chosen = pipeline.policy(policy);
            List<Subject> subjects = generation.subjects(transformer, TextOptions.Unnamed.madeUp(1));
            List<VBenchFolder.Entry> entries = new ArrayList<>();
            for (int i = 0; i < subjects.size(); i++) {
                long seed = generation.seed() + i;
                Clip clip = generate(pipeline, subjects.get(i), seed, chosen, folder, formats);
                entries.add(new VBenchFolder.Entry(subjects.get(i).name(), seed, clip));
            }
            if (vbench) {
                VBenchFolder.write(folder, policy, entries, pipeline.decoder().fps());
            }
        }
        return 0;
    }

    private Clip generate(
            Pipeline pipeline,
            Subject subject,
            long seed,
            CachePolicy chosen,
            OutputFolder folder,
            List<VideoFormat> formats) {
        Denoised made;
        try (Progress progress = Progress.begin("generate", pipeline.calls())) {
            made = pipeline.denoise(
                    subject.conditioning(), chosen, new Noise(seed), call -> progress.step(), keeping::apply);
        }
        Decoder decoder = pipeline.decoder();
        Clip clip = decoder.decode(made.latent());
        String name = FileNames.of(subject.name() + " seed " + seed) + "-" + FileNames.ofPolicy(policy);
        List<OutputFile> files = new ArrayList<>();
        for (VideoFormat format : formats) {
            OutputFile file = folder.file(name + "." + format.extension());
            file.write(format.bytes(clip, shown.shown(decoder.fps())));
            files.add(file);
        }
        print(subject, pipeline.calls(), made, files);
        return clip;
    }

    private void print(Subject subject, int calls, Denoised made, List<OutputFile> files) {
        PrintWriter console = spec.commandLine().getOut();
        console.printf(
                Locale.ROOT,
                "%s%n  %s: %d of %d steps computed, %s, %d KiB held, %d KiB at peak%n",
                subject.name(),
                policy,
                made.stats().computedSteps(),
                calls,
                StatsLine.time(made),
                made.stats().bytesHeld() / 1024,
                made.stats().bytesPeak() / 1024);
        files.forEach(file -> console.println("  " + file));
        made.stats().warnings().forEach(warning -> console.println("  note: " + warning));
        console.flush();
    }
}
