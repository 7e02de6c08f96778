package io.adacache.bench.command;

import io.adacache.bench.compare.Comparer;
import io.adacache.bench.compare.ComparisonFacts;
import io.adacache.bench.compare.ComparisonFolder;
import io.adacache.bench.compare.Contest;
import io.adacache.bench.compare.Unfinished;
import io.adacache.bench.files.OutputFolder;
import io.adacache.bench.pipeline.InterruptedGeneration;
import io.adacache.bench.pipeline.Pipeline;
import io.adacache.bench.pipeline.Workers;
import io.adacache.bench.protocol.Finalists;
import io.adacache.bench.protocol.Method;
import io.adacache.bench.protocol.ProtocolReport;
import io.adacache.bench.protocol.Search;
import io.adacache.bench.protocol.Standings;
import io.adacache.bench.protocol.Trial;
import io.adacache.bench.protocol.Tuning;
import io.adacache.bench.protocol.Worth;
import io.adacache.bench.quality.Networks;
import io.adacache.bench.report.Case;
import io.adacache.bench.report.Comparison;
import io.adacache.bench.report.Fact;
import io.adacache.bench.report.Run;
import io.adacache.djl.TorchScriptTransformer;
import io.adacache.policy.CachePolicy;
import io.adacache.tune.Recording;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Methods against each other: settings by one search on tuning prompts, then the test prompts, once. */
@Command(
        name = "protocol",
        mixinStandardHelpOptions = true,
        description = {
            "Compares methods by docs/protocol.md: for each method and speed the same search finds the settings, on tuning prompts;"
                    + " then all settings generate the test prompts, and are compared prompt by prompt at equal work and equal time.",
            "What is done is kept: a run that was interrupted goes on where it stopped, by the same command."
        })
public final class ProtocolCommand implements Callable<Integer> {
    /** Tuning clips begin with other noise than tests. */
    private static final long TUNING_SEEDS = 1_000_000;

    private static final String TEST = "test";

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private GenerationOptions generation = new GenerationOptions();

    @Mixin
    private ProtocolOptions options = new ProtocolOptions();

    @Mixin
    private WorkersOption workers = new WorkersOption(Workers::usual);

    @Option(
            names = "--out",
            paramLabel = "DIR",
            defaultValue = "protocol",
            description = "where protocol.md, .json, .csv, two pictures and the folders tuning/ and test/ go"
                    + " (default: ${DEFAULT-VALUE})")
    private Path out = Path.of("protocol");

    @Override
    public Integer call() {
        generation.check();
        options.check();
        workers.workers();
        if (generation.hasText()) {
            throw new IllegalArgumentException(
                    "The protocol has lists of prompts; name others with --tuning-prompts FILE and --test-prompts FILE");
        }
        List<Method> methods = options.methods();
        options.checkAgainst(methods);
        List<String> tuningPrompts = options.tuningPrompts(generation.trained());
        List<String> testPrompts = options.testPrompts(generation.trained());
        try (TorchScriptTransformer transformer = generation.load()) {
            Pipeline pipeline = generation.pipeline(transformer);
            List<Subject> tuning = TextOptions.prompted(transformer.manifest(), tuningPrompts);
            List<Subject> tests = TextOptions.prompted(transformer.manifest(), testPrompts);
            try (OutputFolder folder = OutputFolder.open(out);
                    OutputFolder inner = OutputFolder.open(out.resolve(TEST))) {
                List<Fact> facts = facts(transformer, pipeline, tuning.size(), tests.size());
                ProtocolFolder.claim(folder, plan(facts, methods, tuningPrompts, testPrompts), commandLine());
                Map<String, String> left = new LinkedHashMap<>();
                Found found = search(transformer, pipeline, tuning, folder, methods, left);
                Comparison comparison = test(transformer, pipeline, tests, found.trials(), inner, facts);
                report(folder, comparison, methods, found, left, facts);
            }
        }
        return 0;
    }

    /** What the search found. */
    private record Found(List<Trial> trials, List<Worth> worths) {}

    private Found search(
            TorchScriptTransformer transformer,
            Pipeline pipeline,
            List<Subject> subjects,
            OutputFolder folder,
            List<Method> methods,
            Map<String, String> left) {
        List<Method> able = new ArrayList<>();
        List<CachePolicy> measured = new ArrayList<>();
        for (Method method : methods) {
            try {
                measured.addAll(Search.measured(pipeline, method));
                able.add(method);
            } catch (IllegalArgumentException e) {
                left.put(method.name(), String.valueOf(e.getMessage()));
            }
        }
        if (able.isEmpty()) {
            throw new IllegalArgumentException("No method goes with this model: " + left);
        }
        List<Trial> trials = new ArrayList<>();
        int steps = Search.trials(able, options.speeds().size());
        try (Progress progress = Progress.begin("search", steps)) {
            Tuning tuning = new Tuning(
                    pipeline,
                    subjects.stream().map(Subject::conditioning).toList(),
                    generation.seed() + TUNING_SEEDS,
                    folder,
                    workers.workers(),
                    progress::say);
            List<Recording> recordings = tuning.recordings(measured);
            Search search = new Search(pipeline, recordings, tuning::psnr, progress::step);
            for (Method method : able) {
                try {
                    trials.addAll(search.trials(method, options.speeds()));
                } catch (IllegalArgumentException e) {
                    left.put(method.name(), String.valueOf(e.getMessage()));
                }
            }
            List<Trial> finalists = new Finalists(able, options.finalists()).of(trials);
            String against = options.against(finalists.stream()
                    .filter(Trial::tested)
                    .map(Trial::method)
                    .distinct()
                    .toList());
            return new Found(
                    finalists,
                    Worth.of(
                            against,
                            trials,
                            kinds(methods),
                            recordings,
                            workers.workers(),
                            clips(transformer, tuning)));
        } catch (InterruptedGeneration e) {
            throw new InterruptedGeneration("Interrupted in the search; the trials that are done are kept in "
                    + folder.path() + ", and the same command goes on from there");
        }
    }

    private Worth.Clips clips(TorchScriptTransformer transformer, Tuning tuning) {
        return new Worth.Clips() {
            @Override
            public double psnr(int prompt, String policy) {
                return tuning.psnr(prompt, policy);
            }

            @Override
            public double ofFewerSteps(int calls) {
                return tuning.psnr(generation.pipeline(transformer, calls));
            }
        };
    }

    private static Map<String, Method.Kind> kinds(List<Method> methods) {
        return methods.stream().collect(Collectors.toMap(Method::name, Method::kind));
    }

    private Comparison test(
            TorchScriptTransformer transformer,
            Pipeline pipeline,
            List<Subject> subjects,
            List<Trial> trials,
            OutputFolder folder,
            List<Fact> facts) {
        Set<String> names = new LinkedHashSet<>(List.of(Comparison.UNCACHED));
        trials.stream().filter(Trial::tested).forEach(trial -> names.add(trial.policy()));
        Contest contest = new Contest(List.copyOf(names), options.repeats(), false);
        Comparer comparer = new Comparer(contest, Networks.NONE);
        for (int again = 0; again < options.seeds(); again++) {
            for (int i = 0; i < subjects.size(); i++) {
                long seed = generation.seed() + (long) again * subjects.size() + i;
                Subject subject = subjects.get(i);
                comparer.add(pipeline, new Case(subject.name(), seed, pipeline.calls()), subject.conditioning());
            }
        }
        Map<String, Object> plan = new LinkedHashMap<>();
        facts.forEach(fact -> plan.put(fact.name(), fact.value()));
        plan.put("policies", contest.policies());
        plan.put("cases", comparer.cases());
        Unfinished unfinished = Unfinished.open(folder, plan, commandLine());
        List<Run> runs;
        try (Progress progress =
                Progress.begin(TEST, contest.generations(comparer.cases().size() - unfinished.size()))) {
            runs = comparer.run(unfinished, workers.workers(), name -> {
                progress.say(name);
                progress.step();
            });
        }
        Comparison comparison = new Comparison(
                "The test of the protocol on " + transformer.manifest().name(),
                pipeline.decoder().fps(),
                contest.names(),
                comparer.cases(),
                runs,
                facts);
        ComparisonFolder.write(folder, comparison, unfinished);
        return comparison;
    }

    private void report(
            OutputFolder folder,
            Comparison comparison,
            List<Method> methods,
            Found found,
            Map<String, String> left,
            List<Fact> facts) {
        Map<String, List<String>> policies = found.trials().stream()
                .filter(Trial::tested)
                .collect(Collectors.groupingBy(
                        Trial::method,
                        LinkedHashMap::new,
                        Collectors.mapping(
                                Trial::policy,
                                Collectors.collectingAndThen(
                                        Collectors.toCollection(LinkedHashSet::new), List::copyOf))));
        String against = options.against(List.copyOf(policies.keySet()));
        List<Fact> all = new ArrayList<>(List.of(new Fact("command", commandLine())));
        all.addAll(facts);
        all.add(new Fact(
                "workers",
                workers.workers().count() + ", each with a case of its own; of rivals "
                        + (options.finalists() == 0
                                ? "all"
                                : options.finalists() + " without and with forecast per speed")
                        + " were tested"));
        all.addAll(ComparisonFacts.definitions());
        ProtocolReport report = new ProtocolReport(
                "Methods on " + facts.get(0).value(),
                against,
                new Standings(
                                policies,
                                comparison.runs().stream().map(Run::result).toList(),
                                against)
                        .all(),
                found.trials(),
                found.worths(),
                kinds(methods),
                left,
                all);
        ProtocolFolder.write(folder, report);
        PrintWriter console = spec.commandLine().getOut();
        console.print(report.lead());
        console.println("report: "
                + out.resolve(ProtocolFolder.MARKDOWN).toAbsolutePath().normalize());
        console.flush();
    }

    private List<Fact> facts(TorchScriptTransformer transformer, Pipeline pipeline, int tuning, int tests) {
        List<Fact> facts = new ArrayList<>(ComparisonFacts.of(transformer.manifest()));
        facts.add(new Fact(
                "sampling",
                pipeline.calls() + " steps of " + pipeline.sampler().name() + ", guidance " + pipeline.scale() + " "
                        + pipeline.guidance()));
        facts.add(new Fact(
                "prompts",
                tuning + " for tuning; " + tests + " for the test with " + options.seeds() + " seeds each, from "
                        + generation.seed() + " on; " + options.repeats() + " runs of each generation"));
        return facts;
    }

    private Map<String, Object> plan(
            List<Fact> facts, List<Method> methods, List<String> tuningPrompts, List<String> testPrompts) {
        Map<String, Object> plan = new LinkedHashMap<>();
        facts.forEach(fact -> plan.put(fact.name(), fact.value()));
        plan.put("model file", ModelFile.identity(generation.modelFile()));
        plan.put("methods", methods);
        plan.put("speeds", options.speeds());
        plan.put("finalists", options.finalists());
        plan.put("tuning prompts", tuningPrompts);
        plan.put("test prompts", testPrompts);
        return plan;
    }

    private String commandLine() {
        return "adacache-bench "
                + String.join(" ", spec.root().commandLine().getParseResult().originalArgs());
    }
}
