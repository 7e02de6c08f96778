package io.adacache.bench.command;

import io.adacache.bench.command.OptionRules.OnlyWith;
import io.adacache.bench.files.OutputFile;
import io.adacache.bench.pipeline.Pipeline;
import io.adacache.bench.sampler.Noise;
import io.adacache.djl.TorchScriptTransformer;
import io.adacache.layout.Part;
import io.adacache.layout.Span;
import io.adacache.metric.Measure;
import io.adacache.metric.Measure.Reference;
import io.adacache.metric.Metric;
import io.adacache.metric.Probe;
import io.adacache.policy.CachePolicy;
import io.adacache.policy.Decision;
import io.adacache.policy.Decision.Reason;
import io.adacache.policy.PolicyRun;
import io.adacache.policy.PolicyRun.StepView;
import io.adacache.tune.Recording;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Records an uncached generation, so that policies can be replayed on it. */
@Command(
        name = "record",
        aliases = "trace",
        mixinStandardHelpOptions = true,
        description =
                "Generates uncached and records how far each probe is, in each step, from what it was in every earlier step."
                        + " 'replay' drives policies on the recording.")
public final class RecordCommand implements Callable<Integer> {
    /** Together they measure whatever the built-in policies measure by default. */
    static final List<String> MEASURED = List.of(
            "adacache-fast-moreg",
            "adacache:metric=l2",
            "adacache:metric=cosine",
            "adacache:residual=spatial-attention",
            "adacache:location=several",
            "teacache:polynomial=1;0",
            "fbcache",
            "dbcache",
            "easycache");

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private GenerationOptions generation = new GenerationOptions();

    @Option(
            names = {"--policies", "--policy"},
            paramLabel = "POLICY[ POLICY...]",
            description = "record what these policies measure (default: what the built-in ones measure by default)")
    private List<String> policies = new ArrayList<>();

    @Option(
            names = "--probe",
            paramLabel = "PROBE",
            description =
                    "record this too: residuals:3 or residuals:3+5 (sites), span:0-6 (end excluded), modulated:0, latent;"
                            + " repeatable")
    private List<String> probes = new ArrayList<>();

    @OnlyWith("--probe")
    @Option(names = "--metric", defaultValue = "l1", description = "of --probe: l1, l2 or cosine (default: l1)")
    private String metric = "l1";

    @Option(
            names = "--out",
            paramLabel = "FILE",
            description =
                    "where the recording goes (default: recording.json; trace.json where this was called 'trace')")
    private @Nullable Path out;

    @Override
    public Integer call() {
        TextRequired.check(generation, spec);
        OutputFile file = OutputFile.at(out());
        try (TorchScriptTransformer transformer = generation.load()) {
            Pipeline pipeline = generation.pipeline(transformer);
            Subject subject = generation.subject(transformer);
            List<CachePolicy> measured = measured(pipeline);
            Recording recording;
            try (Progress progress = Progress.begin("record", pipeline.calls())) {
                recording = pipeline.record(
                        subject.conditioning(), measured, new Noise(generation.seed()), call -> progress.step());
            }
            Map<String, String> about = new LinkedHashMap<>();
            about.put("model", transformer.manifest().name());
            about.put(RecordingFile.FAMILY, transformer.manifest().family());
            about.put("prompt", subject.name());
            about.put("seed", Long.toString(generation.seed()));
            about.put("sampler", pipeline.sampler().name());
            file.write(recording.withAbout(about).json());
        }
        PrintWriter console = spec.commandLine().getOut();
        console.println(file.path().toAbsolutePath().normalize());
        console.flush();
        return 0;
    }

    private Path out() {
        boolean olderName =
                spec.root().commandLine().getParseResult().originalArgs().contains("trace");
        return out != null ? out : Path.of(olderName ? "trace.json" : "recording.json");
    }

    private List<CachePolicy> measured(Pipeline pipeline) {
        List<CachePolicy> measured = new ArrayList<>();
        for (String text : policies.isEmpty() ? MEASURED : PolicyNames.split(policies)) {
            measured.add(pipeline.policy(text));
        }
        if (!probes.isEmpty()) {
            measured.add(asking(probes.stream().map(Probe::of).toList(), Metric.of(metric)));
        }
        return measured;
    }

    /** A policy that measures these probes and decides nothing. */
    private static CachePolicy asking(List<Probe> probes, Metric metric) {
        List<Measure> measures = new ArrayList<>();
        probes.forEach(probe -> measures.add(new Measure.Distance(probe, metric, Reference.LAST_TAKEN)));
        return CachePolicy.of("probes", Set.of(), (layout, announced) -> new PolicyRun() {
            @Override
            public List<Measure> measures() {
                return measures;
            }

            @Override
            public List<Span> plan(StepView step) {
                return List.of(layout.stack());
            }

            @Override
            public Decision decide(Part part, StepView step) {
                return Decision.computeOnly(Reason.ALWAYS);
            }
        });
    }
}
