package io.adacache.bench.command;

import ai.djl.ndarray.NDArray;
import io.adacache.Calibration;
import io.adacache.Calibration.Result;
import io.adacache.Calibration.Target;
import io.adacache.bench.calibrate.Kept;
import io.adacache.bench.calibrate.Prompts;
import io.adacache.bench.calibrate.ResultText;
import io.adacache.bench.files.OutputFile;
import io.adacache.bench.files.OutputFolder;
import io.adacache.bench.pipeline.Decoder;
import io.adacache.bench.pipeline.FlopCount;
import io.adacache.bench.pipeline.InterruptedGeneration;
import io.adacache.bench.pipeline.Pipeline;
import io.adacache.bench.report.CalibrationChart;
import io.adacache.bench.sampler.Noise;
import io.adacache.djl.TorchScriptTransformer;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** From a wish to a setting. */
@Command(
        name = "calibrate",
        mixinStandardHelpOptions = true,
        description = {
            "Finds the setting that keeps a wish: so many times faster, so many decibels, in so many seconds. Records a few uncached"
                    + " generations, searches by replay, corrects by real runs, and checks the winner on prompts kept apart.",
            "What is generated is kept: interrupted, the same command goes on; another wish uses the same recordings."
        })
public final class CalibrateCommand implements Callable<Integer> {
    private static final int MOST_APART = 100;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private GenerationOptions generation = new GenerationOptions();

    @ArgGroup(multiplicity = "1")
    private Wish wish = new Wish();

    @Option(
            names = {"--policy", "--policies"},
            paramLabel = "POLICY[ POLICY...]",
            description =
                    "what is to be set, its free setting marked: teacache:threshold=*; without a mark the usual one; of several"
                            + " the best is taken (default: adacache-plus:calls=*)")
    private List<String> policies = new ArrayList<>();

    @Option(
            names = "--tuning",
            paramLabel = "N",
            defaultValue = "2",
            description = "prompts that the setting is chosen on (default: ${DEFAULT-VALUE})")
    private int tuning = Calibration.TUNING;

    @Option(
            names = "--checking",
            paramLabel = "N",
            defaultValue = "5",
            description = "prompts kept apart, that it is checked on (default: ${DEFAULT-VALUE})")
    private int checking = Calibration.CHECKING;

    @Option(
            names = "--within",
            paramLabel = "DB",
            description =
                    "with --psnr: check on more prompts, until the mean of many others lies within so many decibels (95 %%); 1 takes 50 to"
                            + " 200 uncached generations")
    private @Nullable Double within;

    @Option(
            names = "--most",
            paramLabel = "N",
            description =
                    "with --within: prompts kept apart at most; where fewer are named, they come again with other noise"
                            + " (default: 100)")
    private @Nullable Integer most;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            defaultValue = "calibration",
            description = "where curve.svg and what is generated go (default: ${DEFAULT-VALUE})")
    private Path out = Path.of("calibration");

    @Option(names = "--json", paramLabel = "FILE", description = "write what was found as JSON")
    private @Nullable Path json;

    @Mixin
    private TierOptions tier = new TierOptions();

    /** One of three. */
    static final class Wish {
        @Option(names = "--speedup", required = true, paramLabel = "X", description = "so many times fewer operations")
        private @Nullable Double speedup;

        @Option(
                names = "--psnr",
                required = true,
                paramLabel = "DB",
                description = "mean PSNR against the uncached clips, in decibels")
        private @Nullable Double psnr;

        @Option(
                names = "--seconds",
                required = true,
                paramLabel = "S",
                description = "time of a generation on this machine, text and decoder left out")
        private @Nullable Double seconds;

        Target target() {
            if (speedup != null) {
                return Target.speedup(speedup);
            }
            return psnr != null ? Target.psnr(psnr) : Target.seconds(seconds == null ? 0 : seconds);
        }
    }

    @Override
    public Integer call() {
        Target target = wish.target();
        generation.check();
        Ranges.check("--tuning", tuning, Ranges.COUNT);
        Ranges.check("--checking", checking, Ranges.COUNT);
        checkWithin(target);
        OutputFile file = OutputOption.of(json);
        tier.check(generation);
        try (OutputFolder folder = OutputFolder.open(out);
                TorchScriptTransformer transformer = generation.load()) {
            Pipeline pipeline = generation.pipeline(transformer);
            List<Subject> subjects = generation.subjects(
                    transformer, TextOptions.Unnamed.of(generation.trained().tuningPrompts(), tuning + most()));
            List<Integer> chosen =
                    Prompts.more(Prompts.choose(subjects.size(), tuning, checking), subjects.size(), tuning + most());
            Result result = calibrate(transformer, pipeline, subjects, chosen, folder, target);
            print(result, chosen);
            folder.file("curve.svg").write(CalibrationChart.svg(result));
            if (file != null) {
                file.write(ResultText.json(result, FitScope.json(result.scope())));
            }
            tier.write(spec.commandLine().getOut(), generation, result);
            if (!result.reachable()) {
                throw new GoalMissed(result.why());
            }
        }
        return 0;
    }

    private void checkWithin(Target target) {
        Ranges.checkOptional("--most", most, Ranges.COUNT);
        if (within == null && most != null) {
            throw new IllegalArgumentException("--most does nothing without --within");
        }
        if (within != null && target.kind() != Target.Kind.PSNR) {
            throw new IllegalArgumentException("--within is of a quality: it goes with --psnr only");
        }
        if (within != null && !(within > 0)) {
            throw new IllegalArgumentException("--within is some decibels above 0, but got " + within);
        }
    }

    /** How many prompts kept apart there may be in the end. */
    private int most() {
        return within == null ? checking : Math.max(checking, most == null ? MOST_APART : most);
    }

    private Result calibrate(
            TorchScriptTransformer transformer,
            Pipeline pipeline,
            List<Subject> subjects,
            List<Integer> chosen,
            OutputFolder folder,
            Target target) {
        List<String> texts = texts();
        Kept kept = new Kept(folder, plan(pipeline, subjects, texts));
        if (kept.size() > 0) {
            spec.commandLine().getOut().println("goes on with what is kept in " + kept.path());
        }
        Decoder decoder = pipeline.decoder();
        List<Subject> byPrompt = chosen.stream().map(subjects::get).toList();
        FlopCount flops = pipeline.flops(byPrompt.get(0).conditioning());
        try (CalibrationProgress progress = CalibrationProgress.begin()) {
            Calibration<NDArray> calibration = Calibration.<NDArray>of(
                            transformer, pipeline.calls(), (prompt, session) -> decoder.decode(pipeline.denoise(
                                            byPrompt.get(prompt).conditioning(),
                                            session,
                                            new Noise(generation.seed() + prompt),
                                            call -> {}))
                                    .values())
                    .generation(pipeline.generation())
                    .policies(texts)
                    .prompts(tuning, checking)
                    .cost(flops::share)
                    .keep(kept)
                    .facts(FitScope.facts(transformer, pipeline))
                    .progress(progress::hear);
            return within == null
                    ? calibration.find(target)
                    : calibration.within(within, most()).find(target);
        } catch (InterruptedGeneration e) {
            throw new InterruptedGeneration("Interrupted; what was generated is kept in " + kept.path()
                    + ", and the same command goes on from there");
        }
    }

    /** What is to be set; 'none' is at the head of every list of policies, and counts only where it is all there is. */
    private List<String> texts() {
        if (policies.isEmpty()) {
            return Calibration.usual();
        }
        List<String> all = PolicyNames.split(policies);
        return all.size() == 1 ? all : all.subList(1, all.size());
    }

    /** All that the generations depend on. */
    private Map<String, Object> plan(Pipeline pipeline, List<Subject> subjects, List<String> texts) {
        Map<String, Object> plan = new LinkedHashMap<>();
        plan.put("model file", ModelFile.identity(generation.modelFile()));
        plan.put("sampler", pipeline.sampler().name());
        plan.put("timesteps", pipeline.generation().timesteps());
        plan.put("latent", pipeline.latentSizes());
        plan.put("guidance", pipeline.guidance() + " " + pipeline.scale());
        plan.put("seed", generation.seed());
        plan.put("prompts", subjects.stream().map(Subject::name).toList());
        plan.put("tuning", tuning);
        plan.put("checking", checking);
        plan.put("policies", texts);
        return plan;
    }

    private void print(Result result, List<Integer> chosen) {
        PrintWriter console = spec.commandLine().getOut();
        console.print(ResultText.lines(result));
        if (Prompts.overlap(chosen.subList(0, tuning + result.measured().prompts()), tuning)) {
            console.println("note: there are fewer prompts than "
                    + (tuning + result.measured().prompts())
                    + ", so the check is also of other noise, not of other prompts only");
        }
        console.println(
                "picture    " + out.resolve("curve.svg").toAbsolutePath().normalize());
        console.flush();
    }
}
