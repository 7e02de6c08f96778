package io.adacache.bench.command;

import io.adacache.bench.command.OptionRules.NotWith;
import io.adacache.bench.files.Json;
import io.adacache.bench.files.OutputFile;
import io.adacache.bench.pipeline.Pipeline;
import io.adacache.bench.sampler.Noise;
import io.adacache.djl.TorchScriptTransformer;
import io.adacache.policy.CachePolicy;
import io.adacache.tune.Recording;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What commands have in common that fit a policy's settings to a model. */
final class FitOptions {
    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private GenerationOptions generation = new GenerationOptions();

    @Option(
            names = {"--recording", "--trace"},
            paramLabel = "FILE",
            description = "fit on recordings of 'record' instead of generating; repeatable")
    private List<Path> files = new ArrayList<>();

    @Mixin
    private RunsOption runs = new RunsOption();

    @NotWith("--recording")
    @Option(
            names = "--keep",
            paramLabel = "DIR",
            description = "keep every recording there: interrupted, the same command goes on from there")
    private @Nullable Path keep;

    @Option(names = "--out", paramLabel = "FILE", description = "write the settings as JSON")
    private @Nullable Path out;

    /** Throws if the outputs cannot be written, before anything is generated. */
    void check() {
        OutputOption.of(out);
        if (!files.isEmpty()) {
            OptionRules.idle(spec.commandLine().getParseResult(), "--recording", GenerationOptions.BLOCKS);
        }
        runs.check();
    }

    /** Returns the recordings of what a policy measures to fit on; generates them uncached where none are given. */
    List<Recording> recordings(String policy) {
        if (!files.isEmpty()) {
            return files.stream().map(RecordingFile::read).toList();
        }
        List<Recording> recordings = new ArrayList<>();
        try (KeptRecordings kept = KeptRecordings.in(keep);
                TorchScriptTransformer transformer = generation.load()) {
            Pipeline pipeline = generation.pipeline(transformer);
            List<Subject> subjects = generation.subjects(
                    transformer,
                    TextOptions.Unnamed.of(generation.trained().tuningPrompts(), runs.of(transformer.manifest())));
            List<CachePolicy> measured = List.of(pipeline.policy(policy));
            try (Progress progress = Progress.begin("record", subjects.size())) {
                for (int i = 0; i < subjects.size(); i++) {
                    Subject subject = subjects.get(i);
                    long seed = generation.seed() + i;
                    recordings.add(kept.get(
                            i + 1,
                            about(pipeline, policy, subject, seed),
                            () -> pipeline.record(subject.conditioning(), measured, new Noise(seed), call -> {})));
                    progress.step();
                }
            }
        }
        return recordings;
    }

    private Map<String, String> about(Pipeline pipeline, String policy, Subject subject, long seed) {
        Map<String, String> about = new LinkedHashMap<>();
        about.put("model", ModelFile.identity(generation.modelFile()));
        about.put("policy", policy);
        about.put("prompt", subject.name());
        about.put("seed", Long.toString(seed));
        about.put("sampler", pipeline.sampler().name() + ", " + pipeline.calls() + " calls");
        about.put("guidance", pipeline.guidance() + " " + pipeline.scale());
        return about;
    }

    /** Prints the settings for the command line and for the manifest, and writes them where that was asked for. */
    void print(PrintWriter console, String policy, Map<String, String> settings) {
        List<String> pairs = new ArrayList<>();
        settings.forEach((name, value) -> pairs.add(name + "=" + value));
        console.println("On the command line and in configuration:");
        console.println("  " + policy + ":" + String.join(",", pairs));
        String json = Json.text(Map.of("policies", Map.of(policy, settings)));
        console.println("In the manifest:");
        json.lines().forEach(line -> console.println("  " + line));
        OutputFile file = OutputOption.of(out);
        if (file != null) {
            file.write(json);
        }
        console.flush();
    }
}
