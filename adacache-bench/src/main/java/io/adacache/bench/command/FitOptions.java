package io.adacache.bench.command;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.adacache.bench.pipeline.Pipeline;
import io.adacache.bench.plan.RecordingJson;
import io.adacache.djl.TorchScriptTransformer;
import io.adacache.policy.CachePolicy;
import io.adacache.replay.Recording;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What commands have in common that fit a policy's settings to a model. */
final class FitOptions {
    @Mixin
    private ModelOptions model = new ModelOptions();

    @Mixin
    private GenerationOptions generation = new GenerationOptions();

    @Option(
            names = "--prompts",
            paramLabel = "FILE",
            description = "a prompt per line, others than you compare later (default: the demo's tuning prompts)")
    private @Nullable Path prompts;

    @Option(
            names = "--trace",
            paramLabel = "FILE",
            description = "fit on recordings of 'trace' instead of generating; repeatable")
    private List<Path> traces = new ArrayList<>();

    @Option(names = "--out", paramLabel = "FILE", description = "write the settings as JSON")
    private @Nullable Path out;

    /** Returns the recordings to fit on; generates them uncached where none are given. */
    List<Recording> recordings(String policy) throws IOException {
        if (!traces.isEmpty()) {
            return traces.stream().map(RecordingJson::read).toList();
        }
        generation.check();
        List<String> texts = prompts == null ? PromptLists.tuning() : PromptLists.read(prompts);
        List<Recording> recordings = new ArrayList<>();
        try (TorchScriptTransformer transformer = model.load();
                Progress progress = Progress.begin("record", texts.size())) {
            Pipeline pipeline = generation.pipeline(transformer);
            texts.forEach(pipeline::check);
            CachePolicy measured = pipeline.policy(policy, generation.steps());
            for (int i = 0; i < texts.size(); i++) {
                recordings.add(pipeline.record(
                        texts.get(i), generation.seed + i, generation.steps(), List.of(measured), step -> {}));
                progress.step();
            }
        }
        return recordings;
    }

    /** Prints the settings for the command line and for the manifest, and writes them where that was asked for. */
    void print(PrintWriter console, String policy, Map<String, String> settings) throws IOException {
        List<String> pairs = new ArrayList<>();
        settings.forEach((name, value) -> pairs.add(name + "=" + value));
        console.println("On the command line and in configuration:");
        console.println("  " + policy + ":" + String.join(",", pairs));
        String json = new ObjectMapper()
                .enable(SerializationFeature.INDENT_OUTPUT)
                .writeValueAsString(Map.of("policies", Map.of(policy, settings)));
        console.println("In the manifest:");
        json.lines().forEach(line -> console.println("  " + line));
        if (out != null) {
            Files.writeString(out, json + "\n");
        }
        console.flush();
    }
}
