package io.adacache.bench.command;

import io.adacache.bench.compare.Comparer;
import io.adacache.bench.compare.ComparisonFacts;
import io.adacache.bench.compare.ComparisonFolder;
import io.adacache.bench.compare.Contest;
import io.adacache.bench.compare.Sweeps;
import io.adacache.bench.compare.Unfinished;
import io.adacache.bench.compare.VBenchFolder;
import io.adacache.bench.files.OutputFolder;
import io.adacache.bench.pipeline.Pipeline;
import io.adacache.bench.pipeline.Workers;
import io.adacache.bench.quality.Networks;
import io.adacache.bench.report.Case;
import io.adacache.bench.report.Comparison;
import io.adacache.bench.report.Fact;
import io.adacache.bench.report.Run;
import io.adacache.bench.report.TextTable;
import io.adacache.djl.Manifest;
import io.adacache.djl.TorchScriptTransformer;
import io.adacache.spi.TensorOps;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
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
        description = {
            "Generates prompts under several policies and compares speed and quality with the uncached model.",
            "A case that is done is kept: a run that was interrupted goes on where it stopped, by the same command."
        })
public final class CompareCommand implements Callable<Integer> {
    private static final String POLICIES =
            "none,adacache-slow,adacache-fast,adacache-fast-moreg,adacache-plus:calls=10,every-3";
    private static final double NANOS = 1e9;
    private static final int SHOWN = 3;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private GenerationOptions generation = new GenerationOptions();

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
            names = "--scorer",
            paramLabel = "NAME=FILE",
            description =
                    "a TorchScript file that takes a clip's frames [N, 3, height, width], -1 to 1, and returns one number or one per"
                            + " frame; the mean is the score NAME in results.json; repeatable")
    private Map<String, Path> scorers = new LinkedHashMap<>();

    @Option(
            names = "--vbench",
            description = "write vbench/ too: every policy's clips and prompts as the VBench tool takes them")
    private boolean vbench;

    @Mixin
    private final StorageOption storage = new StorageOption();

    @Mixin
    private WorkersOption workers = new WorkersOption(() -> Workers.ONE);

    @Option(
            names = "--out",
            paramLabel = "DIR",
            defaultValue = "comparison",
            description = "where report.html, results.json, .csv and .md, about.json, overview.gif and clips/ go"
                    + " (default: ${DEFAULT-VALUE})")
    private Path out = Path.of("comparison");

    @Override
    public Integer call() {
        generation.check();
        Ranges.check("--repeat", repeats, Ranges.COUNT);
        Ranges.check("--seeds", seeds, Ranges.COUNT);
        workers.workers();
        List<String> names = Sweeps.expand(PolicyNames.split(policies.isEmpty() ? List.of(POLICIES) : policies));
        Contest contest = new Contest(names, repeats, even, storage.storage());
        try (TorchScriptTransformer transformer = generation.load();
                Networks networks = Networks.load(lpips, scorers)) {
            List<Pipeline> pipelines = generation.pipelines(transformer);
            List<Subject> subjects = generation.subjects(
                    transformer, TextOptions.Unnamed.of(generation.trained().shownPrompts(), 1));
            pipelines.forEach(pipeline -> names.forEach(pipeline::policy));
            Comparer comparer = new Comparer(contest, networks);
            addCases(comparer, pipelines, subjects);
            try (OutputFolder folder = OutputFolder.open(out)) {
                compare(transformer.manifest(), pipelines, contest, comparer, folder);
            }
        }
        return 0;
    }

    /** Every subject with every seed and number of steps; the seed of a subject is the first seed plus its position. */
    private void addCases(Comparer comparer, List<Pipeline> pipelines, List<Subject> subjects) {
        for (Pipeline pipeline : pipelines) {
            for (int again = 0; again < seeds; again++) {
                for (int i = 0; i < subjects.size(); i++) {
                    long seed = generation.seed() + (long) again * subjects.size() + i;
                    Subject subject = subjects.get(i);
                    comparer.add(pipeline, new Case(subject.name(), seed, pipeline.calls()), subject.conditioning());
                }
            }
        }
    }

    private void compare(
            Manifest manifest, List<Pipeline> pipelines, Contest contest, Comparer comparer, OutputFolder folder) {
        long begin = System.nanoTime();
        List<Case> cases = comparer.cases();
        List<Fact> settings = settings(manifest, pipelines, contest);
        Unfinished unfinished = Unfinished.open(folder, plan(settings, contest, cases), command());
        int kept = unfinished.size();
        PrintWriter console = spec.commandLine().getOut();
        if (kept > 0) {
            console.println("goes on: " + kept + " of " + cases.size() + " cases are done");
            console.flush();
        }
        List<Run> runs = run(comparer, unfinished, contest.generations(cases.size() - kept));
        Comparison comparison = new Comparison(
                "AdaCache on " + manifest.name() + ", " + steps(pipelines) + " steps",
                pipelines.get(0).decoder().fps(),
                contest.names(),
                cases,
                runs,
                facts(settings, kept, (System.nanoTime() - begin) / NANOS));
        if (vbench) {
            writeVBench(folder, comparison);
        }
        ComparisonFolder.write(folder, comparison, unfinished);
        print(comparison);
        checkNumbers(runs);
    }

    /** What is no number stands in the results, and is not success. */
    private static void checkNumbers(List<Run> runs) {
        List<String> broken = runs.stream()
                .filter(run -> run.warnings().contains(Run.NO_NUMBERS))
                .map(Run::result)
                .map(result -> result.policy() + " on '" + result.prompt() + "'")
                .toList();
        if (!broken.isEmpty()) {
            throw new GoalMissed(broken.size() + " of " + runs.size() + " clips are no numbers (NaN or infinity): "
                    + String.join(", ", broken.subList(0, Math.min(SHOWN, broken.size()))));
        }
    }

    private static void writeVBench(OutputFolder folder, Comparison comparison) {
        for (String policy : comparison.policies()) {
            List<VBenchFolder.Entry> entries = comparison.runs().stream()
                    .filter(run -> run.result().policy().equals(policy))
                    .map(run -> new VBenchFolder.Entry(
                            run.result().prompt(), run.result().seed(), run.clip()))
                    .toList();
            VBenchFolder.write(folder, policy, entries, comparison.fps());
        }
    }

    private List<Run> run(Comparer comparer, Unfinished unfinished, int generations) {
        try (Progress progress = Progress.begin("compare", generations)) {
            return comparer.run(unfinished, workers.workers(), name -> {
                progress.say(name);
                progress.step();
            });
        }
    }

    /** All that the figures depend on. */
    private Map<String, Object> plan(List<Fact> settings, Contest contest, List<Case> cases) {
        Map<String, Object> plan = new LinkedHashMap<>();
        settings.forEach(fact -> plan.put(fact.name(), fact.value()));
        plan.put("model file", ModelFile.identity(generation.modelFile()));
        plan.put("policies", contest.policies());
        plan.put("repeats", contest.repeats());
        plan.put("twins", contest.twins());
        plan.put("cases", cases);
        return plan;
    }

    private String command() {
        return "adacache-bench "
                + String.join(" ", spec.root().commandLine().getParseResult().originalArgs());
    }

    private static String steps(List<Pipeline> pipelines) {
        return pipelines.stream()
                .map(pipeline -> String.valueOf(pipeline.calls()))
                .collect(Collectors.joining(" and "));
    }

    private List<Fact> settings(Manifest manifest, List<Pipeline> pipelines, Contest contest) {
        Pipeline first = pipelines.get(0);
        List<Fact> facts = new ArrayList<>(ComparisonFacts.of(manifest));
        facts.add(new Fact(
                "sampling",
                steps(pipelines) + " steps of " + first.sampler().name() + ", guidance " + first.scale() + " "
                        + first.guidance() + ", seeds from " + generation.seed() + " on, " + seeds + " per prompt"));
        if (contest.storage() != TensorOps.Storage.FULL) {
            facts.add(new Fact("kept sums", "stored as " + contest.storage()));
        }
        contest.policies()
                .forEach(name ->
                        facts.add(new Fact("policy " + name, first.policy(name).name())));
        facts.add(
                new Fact("LPIPS network", lpips == null ? "none given, so LPIPS was not measured" : lpips.toString()));
        scorers.forEach((name, file) -> facts.add(new Fact("scorer " + name, file.toString())));
        return facts;
    }

    private List<Fact> facts(List<Fact> settings, int kept, double seconds) {
        List<Fact> facts = new ArrayList<>();
        facts.add(new Fact("command", command()));
        facts.addAll(settings);
        if (repeats > 1) {
            facts.add(new Fact("repeats", repeats + " of every generation, the fastest counts"));
        }
        if (workers.workers().count() > 1) {
            facts.add(new Fact(
                    "workers", workers.workers().count() + " prompts at a time: times are those of a busy machine"));
        }
        facts.addAll(ComparisonFacts.definitions());
        facts.add(new Fact(
                "whole run",
                String.format(Locale.ROOT, "%.0f s, warm-up included", seconds)
                        + (kept > 0 ? "; " + kept + " cases were done in a run before, which was interrupted" : "")));
        return facts;
    }

    private void print(Comparison comparison) {
        PrintWriter console = spec.commandLine().getOut();
        console.print(TextTable.of(comparison));
        console.println();
        console.println("clips:   " + out.resolve("clips").toAbsolutePath().normalize());
        console.println(
                "results: " + out.resolve("results.json").toAbsolutePath().normalize());
        console.println(
                "report:  " + out.resolve("report.html").toAbsolutePath().normalize());
        console.flush();
    }
}
