package io.adacache.bench.command;

import io.adacache.bench.command.OptionRules.NotWith;
import io.adacache.bench.files.Json;
import io.adacache.bench.files.OutputFile;
import io.adacache.bench.plan.NamedLayouts;
import io.adacache.bench.plan.NumberFiles;
import io.adacache.bench.plan.ScheduleSheet;
import io.adacache.djl.Manifest;
import io.adacache.djl.PublishedModels;
import io.adacache.event.Trace;
import io.adacache.layout.Layout;
import io.adacache.policy.CachePolicy;
import io.adacache.policy.Generation;
import io.adacache.tune.Recording;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What a policy computes and reuses for given numbers, without a model. */
@Command(
        name = "schedule",
        mixinStandardHelpOptions = true,
        description =
                "Shows the steps that a policy computes, reuses or computes in part, for given numbers and without a model.",
        footer = {
            "",
            "Measures are JSON. An array of numbers serves whatever the policy measures:",
            "  [null, 0.11, 0.07, ...]   a number per step; or one fewer, from step 2 on",
            "TeaCache takes the relative L1 change of the modulated input (before the polynomial), dbcache and fbcache the",
            "relative change of the first blocks' residual, AdaCache the relative distance (before it is divided by the gap) in",
            "the steps that it computes. Where a policy measures several things, an object names them:",
            "  {\"latent\": [...], \"prediction\": [...], \"modulated:0\": [...], \"motion\": [...], \"*\": [...]}",
            "PAB, T-GATE, MagCache, FORA, Delta-DiT, TaylorSeer and the plain schedules measure nothing."
        })
public final class ScheduleCommand implements Callable<Integer> {
    private static final String STANDARD_OUTPUT = "-";
    private static final int USUAL_STEPS = 30;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(names = "--policy", required = true, description = "policy; repeatable: name, or name:key=value,...")
    private List<String> policies = new ArrayList<>();

    @Option(
            names = "--timesteps",
            paramLabel = "FILE",
            description = "the noise level of each step, 1000 down to 0: a number per line, or a JSON array")
    private @Nullable Path timesteps;

    @Option(
            names = "--steps",
            paramLabel = "N",
            description = "number of steps (default: that of the timesteps, or 30)")
    private @Nullable Integer steps;

    @Option(names = "--measures", paramLabel = "FILE", description = "what the policy would measure, see below")
    private @Nullable Path measures;

    @NotWith("--model")
    @Option(
            names = "--layout",
            paramLabel = "NAME:BLOCKS",
            defaultValue = "open-sora:28",
            description = NamedLayouts.HELP + " (default: ${DEFAULT-VALUE})")
    private String layout = "open-sora:28";

    @Option(
            names = "--model",
            paramLabel = "FILE",
            description = "take the layout and the recommended settings of a model file; only its manifest is read")
    private @Nullable Path model;

    @Option(
            names = "--json",
            paramLabel = "FILE",
            arity = "0..1",
            fallbackValue = STANDARD_OUTPUT,
            description = "write JSON to a file; without a file, to standard output instead of the text")
    private @Nullable String json;

    @Override
    public Integer call() {
        OutputFile file = json == null || json.equals(STANDARD_OUTPUT) ? null : OutputFile.at(Path.of(json));
        List<Double> levels = timesteps == null ? List.of() : NumberFiles.timesteps(timesteps);
        int number = number(levels);
        Manifest manifest = model == null ? null : Manifest.read(model);
        Layout sites = manifest == null ? NamedLayouts.parse(layout) : manifest.layout();
        Map<String, List<Double>> numbers = measures == null ? Map.of() : NumberFiles.measures(measures, number);
        Generation generation = new Generation(number, List.of(Generation.SINGLE_BRANCH), levels);
        List<ScheduleSheet> sheets = new ArrayList<>();
        for (String text : policies) {
            CachePolicy policy = PublishedModels.policy(
                    text,
                    number,
                    manifest == null ? NamedLayouts.family(layout) : manifest.family(),
                    manifest == null ? Map.of() : manifest.policies());
            Recording madeUp = Recording.perStep(sites, generation, numbers);
            sheets.add(new ScheduleSheet(schedule(policy, madeUp), sites, levels));
        }
        write(sheets, file);
        return 0;
    }

    private int number(List<Double> levels) {
        int number = steps != null ? steps : levels.isEmpty() ? USUAL_STEPS : levels.size();
        if (number < 1 || (!levels.isEmpty() && levels.size() != number)) {
            throw new IllegalArgumentException("--steps says " + number + ", but "
                    + (levels.isEmpty()
                            ? "a generation has one step or more"
                            : timesteps + " holds " + levels.size() + " timesteps"));
        }
        return Ranges.check("--steps", number, Ranges.STEPS);
    }

    /** What a policy measures and nobody gave is the likeliest fault here, and this program's option mends it. */
    private Trace schedule(CachePolicy policy, Recording madeUp) {
        try {
            return madeUp.replay(policy);
        } catch (IllegalArgumentException e) {
            if (measures != null || !String.valueOf(e.getMessage()).contains("measures '")) {
                throw e;
            }
            throw new IllegalArgumentException(
                    e.getMessage() + ". Give the numbers with --measures FILE; 'schedule --help' says what is in it",
                    e);
        }
    }

    private void write(List<ScheduleSheet> sheets, @Nullable OutputFile file) {
        PrintWriter console = spec.commandLine().getOut();
        if (!STANDARD_OUTPUT.equals(json)) {
            sheets.forEach(sheet -> console.println(sheet.text()));
        }
        List<Map<String, Object>> all = sheets.stream().map(ScheduleSheet::json).toList();
        String text = Json.text(all.size() == 1 ? all.get(0) : all);
        if (file != null) {
            file.write(text);
        } else if (json != null) {
            console.print(text);
        }
        console.flush();
    }
}
