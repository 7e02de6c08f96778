package io.adacache.bench.command;

import io.adacache.bench.pipeline.Clip;
import io.adacache.bench.pipeline.Pictures;
import io.adacache.bench.pipeline.Pipeline;
import io.adacache.bench.quality.Lpips;
import io.adacache.bench.report.AboutJson;
import io.adacache.bench.report.Case;
import io.adacache.bench.report.Comparison;
import io.adacache.bench.report.Fact;
import io.adacache.bench.report.FileNames;
import io.adacache.bench.report.HtmlReport;
import io.adacache.bench.report.MarkdownReport;
import io.adacache.bench.report.ResultsCsv;
import io.adacache.bench.report.ResultsJson;
import io.adacache.bench.report.Run;
import io.adacache.bench.report.TextTable;
import io.adacache.djl.Manifest;
import io.adacache.djl.TorchScriptTransformer;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The main job: prompts under several policies, against the uncached model. */
@Command(
        name = "compare",
        mixinStandardHelpOptions = true,
        description =
                "Generates prompts under several policies and compares speed and quality with the uncached model.")
public final class CompareCommand implements Callable<Integer> {
    private static final String POLICIES = "none,adacache-slow,adacache-fast,adacache-fast-moreg,every-2,every-3";
    private static final String PROMPTS = "/io/adacache/bench/demo_prompts.txt";
    private static final double NANOS = 1e9;
    private static final int GIF_ZOOM = 6;
    private static final int OVERVIEW_ZOOM = 3;
    private static final int SHEET_ZOOM = 3;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private ModelOptions model = new ModelOptions();

    @Mixin
    private GenerationOptions generation = new GenerationOptions();

    @Option(names = "--prompt", description = "what a clip shows; repeatable (default: ten prompts for the demo model)")
    private List<String> prompts = new ArrayList<>();

    @Option(names = "--prompts", paramLabel = "FILE", description = "a file with a prompt per line")
    private @Nullable Path promptFile;

    @Option(
            names = {"--policies", "--policy"},
            paramLabel = "POLICY[ POLICY...]",
            description = "policies, parted by commas or spaces, or the option repeated: name, or name:key=value,..."
                    + " 'all' stands for every policy with several settings each, 'table1' and 'table3' for the rows of the"
                    + " paper's tables. 'none' is always among them. Default: " + POLICIES)
    private List<String> policies = new ArrayList<>();

    @Option(
            names = "--repeat",
            paramLabel = "N",
            defaultValue = "1",
            description = "run every generation N times in turn, the fastest counts; for busy machines (default: 1)")
    private int repeats;

    @Option(
            names = "--even",
            description =
                    "beside every adaptive policy, as many evenly spaced steps as it computed for the same prompt")
    private boolean even;

    @Option(names = "--seeds", paramLabel = "N", defaultValue = "1", description = "seeds per prompt (default: 1)")
    private int seeds;

    @Option(
            names = "--lpips",
            paramLabel = "FILE",
            description =
                    "a TorchScript file that takes two batches of pictures [N, 3, height, width], -1 to 1, and returns a"
                            + " distance each; without it there is no LPIPS")
    private @Nullable Path lpips;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            defaultValue = "comparison",
            description = "where report.html, results.json, .csv and .md, about.json, overview.gif and clips/ go"
                    + " (default: ${DEFAULT-VALUE})")
    private Path out = Path.of("comparison");

    @Override
    public Integer call() throws IOException {
        generation.check();
        if (repeats < 1 || seeds < 1) {
            throw new IllegalArgumentException(
                    (repeats < 1
                            ? "--repeat is 1 or more, but got " + repeats
                            : "--seeds is 1 or more, but got " + seeds));
        }
        List<String> texts = prompts();
        List<String> names = Sweeps.expand(PolicyNames.split(policies.isEmpty() ? List.of(POLICIES) : policies));
        try (TorchScriptTransformer transformer = model.load();
                Lpips network = lpips == null ? null : Lpips.load(lpips)) {
            Pipeline pipeline = generation.pipeline(transformer);
            texts.forEach(pipeline::check);
            generation.stepCounts.forEach(steps -> names.forEach(name -> pipeline.policy(name, steps)));
            Files.createDirectories(out);
            write(compare(transformer.manifest(), pipeline, names, cases(texts), network));
        }
        return 0;
    }

    /** Every prompt with every seed and number of steps; the seed of a prompt is the first seed plus its position. */
    private List<Case> cases(List<String> texts) {
        List<Case> cases = new ArrayList<>();
        for (int steps : generation.stepCounts) {
            for (int again = 0; again < seeds; again++) {
                for (int i = 0; i < texts.size(); i++) {
                    cases.add(new Case(texts.get(i), generation.seed + (long) again * texts.size() + i, steps));
                }
            }
        }
        return cases;
    }

    private Comparison compare(
            Manifest manifest, Pipeline pipeline, List<String> names, List<Case> cases, @Nullable Lpips network) {
        long begin = System.nanoTime();
        int generations = ComparisonRunner.generations(cases.size(), names.size(), repeats);
        try (Progress progress = Progress.begin("compare", generations)) {
            ComparisonRunner runner = new ComparisonRunner(pipeline, names, repeats, even, network, progress);
            List<Run> runs = runner.run(cases);
            return new Comparison(
                    "AdaCache on " + manifest.name() + ", " + steps() + " steps",
                    pipeline.fps(),
                    runner.names(),
                    cases,
                    runs,
                    facts(manifest, pipeline, names, (System.nanoTime() - begin) / NANOS));
        }
    }

    private String steps() {
        return generation.stepCounts.stream().map(String::valueOf).collect(Collectors.joining(" and "));
    }

    private List<String> prompts() throws IOException {
        List<String> all = new ArrayList<>(prompts);
        if (promptFile != null) {
            if (!Files.isRegularFile(promptFile)) {
                throw new IllegalArgumentException("There is no file of prompts at " + promptFile);
            }
            all.addAll(lines(Files.readString(promptFile)));
        }
        if (all.isEmpty() && promptFile == null) {
            try (InputStream in = CompareCommand.class.getResourceAsStream(PROMPTS)) {
                if (in == null) {
                    throw new IllegalStateException("This program was built without demo prompts; give --prompt");
                }
                all.addAll(lines(new String(in.readAllBytes(), StandardCharsets.UTF_8)));
            }
        }
        if (all.isEmpty()) {
            throw new IllegalArgumentException(promptFile + " holds no prompt");
        }
        return all;
    }

    private static List<String> lines(String text) {
        return text.lines().map(String::strip).filter(line -> !line.isEmpty()).toList();
    }

    private List<Fact> facts(Manifest manifest, Pipeline pipeline, List<String> names, double seconds) {
        List<Fact> facts = new ArrayList<>();
        facts.add(new Fact(
                "command",
                "adacache-bench "
                        + String.join(
                                " ", spec.root().commandLine().getParseResult().originalArgs())));
        facts.addAll(ComparisonFacts.of(manifest));
        facts.add(new Fact(
                "sampling",
                steps() + " steps of rectified flow, guidance " + pipeline.guidanceScale() + " " + pipeline.guidance()
                        + ", seeds from " + generation.seed + " on, " + seeds + " per prompt"));
        int first = generation.stepCounts.get(0);
        names.forEach(name -> facts.add(
                new Fact("policy " + name, pipeline.policy(name, first).toString())));
        if (repeats > 1) {
            facts.add(new Fact("repeats", repeats + " of every generation, the fastest counts"));
        }
        facts.add(
                new Fact("LPIPS network", lpips == null ? "none given, so LPIPS was not measured" : lpips.toString()));
        facts.addAll(ComparisonFacts.definitions());
        facts.add(new Fact("whole run", String.format(Locale.ROOT, "%.0f s, warm-up included", seconds)));
        return facts;
    }

    private void write(Comparison comparison) throws IOException {
        Path clips = Files.createDirectories(out.resolve("clips"));
        List<String> shown = comparison.shown();
        List<List<Clip>> all = new ArrayList<>();
        for (int i = 0; i < comparison.cases().size(); i++) {
            Case made = comparison.cases().get(i);
            String prompt = String.format(Locale.ROOT, "%02d-%s", i + 1, FileNames.of(made.prompt()));
            List<Clip> rows = new ArrayList<>();
            for (Run run : comparison.ofCase(i)) {
                if (shown.contains(run.result().policy())) {
                    Clip clip = run.generated().clip();
                    String name = prompt + "-" + FileNames.of(run.result().policy());
                    Files.write(clips.resolve(name + ".gif"), Pictures.gif(clip, comparison.fps(), GIF_ZOOM));
                    rows.add(clip);
                }
            }
            Files.write(clips.resolve(prompt + "-sheet.png"), Pictures.sheet(rows, SHEET_ZOOM));
            all.add(rows);
        }
        // A row per case, a column per policy in the order given.
        Files.write(out.resolve("overview.gif"), Pictures.wall(all, comparison.fps(), OVERVIEW_ZOOM));
        Files.writeString(out.resolve("results.json"), ResultsJson.of(comparison));
        Files.writeString(out.resolve("results.csv"), ResultsCsv.of(comparison));
        Files.writeString(out.resolve("results.md"), MarkdownReport.of(comparison));
        Files.writeString(out.resolve("about.json"), AboutJson.of(comparison));
        Path report = out.resolve("report.html");
        Files.writeString(report, HtmlReport.of(comparison));
        PrintWriter console = spec.commandLine().getOut();
        console.print(TextTable.of(comparison));
        console.println();
        console.println("clips:   " + clips.toAbsolutePath().normalize());
        console.println(
                "results: " + out.resolve("results.json").toAbsolutePath().normalize());
        console.println("report:  " + report.toAbsolutePath().normalize());
        console.flush();
    }
}
