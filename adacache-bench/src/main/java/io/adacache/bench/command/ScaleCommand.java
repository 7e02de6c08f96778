package io.adacache.bench.command;

import io.adacache.bench.cost.Computer;
import io.adacache.bench.cost.Paper;
import io.adacache.bench.cost.TimeModel;
import io.adacache.bench.engine.EngineSettings;
import io.adacache.bench.engine.Machine;
import io.adacache.bench.files.Json;
import io.adacache.bench.files.OutputFolder;
import io.adacache.bench.files.Resources;
import io.adacache.bench.report.ScaleReport;
import io.adacache.bench.scale.ScaleRow;
import io.adacache.bench.scale.ScaleRun;
import io.adacache.bench.scale.VideoSize;
import io.adacache.djl.TorchScriptTransformer;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Measures how the cost of caching grows with the size of the model and of the video. */
@Command(
        name = "scale",
        mixinStandardHelpOptions = true,
        description =
                "Measures sessions against the plain model in one run, over models and sizes: times, the realised part"
                        + " of the ideal speed-up, memory measured and predicted. docs/measuring.md says how to read it.")
public final class ScaleCommand implements Callable<Integer> {
    private static final String FOLDER = "/io/adacache/bench/scale/";
    private static final List<String> BUILT_IN = List.of("open-sora-3x512", "open-sora-6x512", "open-sora-3x512-bf16");
    private static final List<String> MODELS = List.of("open-sora-3x512", "open-sora-6x512");
    private static final List<String> SIZES = List.of("4x24x24", "8x24x24", "8x32x32");
    /** Every distance is below the threshold: a fixed schedule, with all that AdaCache measures. */
    private static final String FIXED = "codebook=1e9:3";

    private static final List<String> POLICIES =
            List.of("none", "adacache:" + FIXED, "adacache-moreg:" + FIXED, "adacache:" + FIXED + ",spans=pairs");

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--model",
            paramLabel = "NAME|FILE",
            description = "model file, or a synthetic model in this program: open-sora-3x512 (28 million weights),"
                    + " open-sora-6x512 (53 million), open-sora-3x512-bf16; repeatable (default: the first two)")
    private List<String> models = new ArrayList<>();

    @Option(
            names = "--sizes",
            split = ",",
            paramLabel = "SIZE",
            description = "frames, rows and columns of the latent (8x32x32), or 480p-2s, 480p-4s, 720p-2s, 512x512x16,"
                    + " 512x512x65; several with commas (default: 4x24x24,8x24x24,8x32x32)")
    private List<String> sizes = new ArrayList<>();

    @Option(
            names = {"--policies", "--policy"},
            paramLabel = "POLICY[ POLICY...]",
            description =
                    "default: none, and AdaCache with a fixed schedule: fused, with motion, and in pairs as published")
    private List<String> policies = new ArrayList<>();

    @Option(names = "--rows", defaultValue = "1", description = "rows of a call (default: ${DEFAULT-VALUE})")
    private int rows = 1;

    @Option(names = "--text", defaultValue = "120", description = "length of the text (default: ${DEFAULT-VALUE})")
    private int text = 120;

    @Option(names = "--steps", defaultValue = "12", description = "of each session (default: ${DEFAULT-VALUE})")
    private int steps = 12;

    @Mixin
    private final DeviceOptions device = new DeviceOptions();

    @Option(names = "--json", paramLabel = "FILE", description = "write every figure there too")
    private @Nullable Path json;

    @Option(names = "--out", paramLabel = "DIR", description = "write scale.json, scale.csv and scale.svg there")
    private @Nullable Path out;

    @Override
    public Integer call() {
        Ranges.check("--rows", rows, Ranges.COUNT);
        Ranges.check("--text", text, Ranges.SIZE);
        Ranges.check("--steps", steps, Ranges.STEPS);
        List<VideoSize> chosen =
                (sizes.isEmpty() ? SIZES : sizes).stream().map(VideoSize::parse).toList();
        var file = OutputOption.of(json);
        try (OutputFolder folder = out == null ? null : OutputFolder.open(out)) {
            List<Dtype> byDtype = new ArrayList<>();
            ScaleReport report = new ScaleReport(measure(chosen, byDtype));
            String figures = Json.text(about(report, byDtype));
            if (file != null) {
                file.write(figures);
            }
            if (folder != null) {
                folder.file("scale.json").write(figures);
                folder.file("scale.csv").write(report.csv());
                folder.file("scale.svg").write(report.svg());
                byDtype.forEach(
                        one -> one.machine().ifPresent(machine -> folder.file("machine-" + machine.dtype() + ".json")
                                .write(Json.text(machine.fields()))));
            }
            print(report, byDtype);
        }
        return 0;
    }

    /** What was measured with weights of one dtype, for the model of time. */
    private record Dtype(String name, List<TimeModel.Observation> observations) {
        Optional<Paper> paper() {
            return Paper.of(observations);
        }

        Optional<Computer> machine() {
            String source = "fitted by 'scale' to " + observations.size() + " times on " + Machine.processor() + ", "
                    + EngineSettings.threads() + " engine threads";
            return paper().map(paper -> new Computer(Machine.processor(), name, paper.model(), 0, source));
        }
    }

    private List<ScaleRow> measure(List<VideoSize> chosen, List<Dtype> byDtype) {
        List<String> names = models.isEmpty() ? MODELS : models;
        List<String> texts = policies.isEmpty() ? POLICIES : PolicyNames.split(policies);
        List<ScaleRow> measured = new ArrayList<>();
        try (Progress progress = Progress.begin("scale", names.size() * chosen.size() * texts.size())) {
            for (String name : names) {
                try (TorchScriptTransformer model = device.load(file(name))) {
                    for (VideoSize size : chosen) {
                        ScaleRun run = new ScaleRun(model, size, rows, text, steps);
                        run.warmUp();
                        for (String policy : texts) {
                            ScaleRow row = run.measure(policy);
                            measured.add(row);
                            observe(run, row, byDtype);
                            progress.step();
                        }
                    }
                }
            }
        }
        return measured;
    }

    private static void observe(ScaleRun run, ScaleRow row, List<Dtype> byDtype) {
        Dtype of = byDtype.stream()
                .filter(one -> one.name().equals(row.dtype()))
                .findFirst()
                .orElseGet(() -> {
                    Dtype added = new Dtype(row.dtype(), new ArrayList<>());
                    byDtype.add(added);
                    return added;
                });
        of.observations().addAll(run.observations(row));
    }

    private static Path file(String name) {
        return BUILT_IN.contains(name) ? Resources.copyOut(FOLDER + name + ".pt.gz") : Path.of(name);
    }

    private static Map<String, Object> about(ScaleReport report, List<Dtype> byDtype) {
        Map<String, Object> about = new LinkedHashMap<>();
        about.put("machine", Machine.processor());
        about.put("software", Machine.software());
        about.put("threads", EngineSettings.threads());
        about.put("rows", report.rows());
        Map<String, Object> papers = new LinkedHashMap<>();
        byDtype.forEach(one -> one.paper().ifPresent(paper -> papers.put(one.name(), paper)));
        about.put("onPaper", papers);
        return about;
    }

    private void print(ScaleReport report, List<Dtype> byDtype) {
        PrintWriter console = spec.commandLine().getOut();
        console.printf(
                Locale.ROOT,
                "%s; %s; %s engine threads%n",
                Machine.processor(),
                Machine.software(),
                EngineSettings.threads());
        console.print(report.text());
        byDtype.forEach(one -> one.paper().ifPresent(paper -> console.print(one.name() + " " + paper.text())));
        console.flush();
    }
}
