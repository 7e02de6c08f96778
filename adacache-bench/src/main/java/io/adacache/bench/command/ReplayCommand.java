package io.adacache.bench.command;

import io.adacache.bench.files.Json;
import io.adacache.bench.files.OutputFile;
import io.adacache.bench.plan.Replayed;
import io.adacache.djl.Manifest;
import io.adacache.djl.PublishedModels;
import io.adacache.tune.Fitting;
import io.adacache.tune.Recording;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Drives policies on a recording, without the model. */
@Command(
        name = "replay",
        mixinStandardHelpOptions = true,
        description = {
            "Drives policies on a recording of 'record', without the model, beside the best and the evenly spaced schedule of as many"
                    + " computed steps.",
            "Cost and best schedule are a proxy: the errors come from an uncached trajectory, are added up although they interact,"
                    + " and take the newest computed step for what is reused (no partial steps; forecasts in the column of that"
                    + " name)."
        })
public final class ReplayCommand implements Callable<Integer> {
    private static final String LEGEND =
            "# computed, . reused, + computed in part. cost: sum over reused steps of how far the prediction of the newest"
                    + " computed step is off, in thousandths of the whole way; worst: the largest of them. best: the schedule of as"
                    + " many computed steps with the least cost; even: evenly spaced. A proxy: the errors come from an uncached"
                    + " trajectory. forecast: sum over reused steps of how far the damped linear forecast of the stack's sum is off,"
                    + " weighed by what it comes to; fore: the schedule with the least of it, as steps:computed=...,forecast=1.";

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(
            names = {"--recording", "--trace"},
            required = true,
            paramLabel = "FILE",
            description = "recording of 'record'; repeatable")
    private List<Path> files = new ArrayList<>();

    @Option(
            names = "--best",
            paramLabel = "N",
            description =
                    "also print, as a policy, the schedule of N computed steps that is best for all recordings together, with"
                            + " forecasts")
    private @Nullable Integer best;

    @Option(
            names = {"--policies", "--policy"},
            required = true,
            paramLabel = "POLICY[ POLICY...]",
            description = "policies, parted by commas or spaces, or the option repeated")
    private List<String> policies = new ArrayList<>();

    @Option(
            names = "--model",
            paramLabel = "FILE|demo|joint|wan",
            description = "take the recommended settings of this model's manifest")
    private @Nullable String model;

    @Option(names = "--json", paramLabel = "FILE", description = "write JSON too")
    private @Nullable Path json;

    @Override
    public Integer call() {
        OutputFile out = OutputOption.of(json);
        PrintWriter console = spec.commandLine().getOut();
        List<Map<String, Object>> all = new ArrayList<>();
        List<Recording> recordings = new ArrayList<>();
        for (Path file : files) {
            Recording recording = RecordingFile.read(file);
            recordings.add(recording);
            List<Replayed> replayed = replayed(recording);
            console.println(file + ": " + about(recording));
            console.print(Replayed.table(replayed));
            console.println();
            replayed.forEach(one -> all.add(one.json(file.toString())));
        }
        console.println(LEGEND);
        if (best != null) {
            console.println("best for all: steps:computed="
                    + Fitting.scheduleErrors(recordings).best(best, Replayed.POWER).stream()
                            .map(String::valueOf)
                            .collect(Collectors.joining(";"))
                    + ",forecast=1");
        }
        console.flush();
        if (out != null) {
            out.write(Json.text(all));
        }
        return 0;
    }

    private static String about(Recording recording) {
        return recording.about().entrySet().stream()
                .map(fact -> fact.getKey() + " " + fact.getValue())
                .collect(Collectors.joining(", "));
    }

    private List<Replayed> replayed(Recording recording) {
        Manifest manifest = model == null ? null : Manifest.read(ModelFile.of(model));
        String family = manifest != null ? manifest.family() : recording.about().getOrDefault(RecordingFile.FAMILY, "");
        Map<String, Map<String, String>> own = manifest == null ? Map.of() : manifest.policies();
        int steps = recording.generation().steps();
        return PolicyNames.split(policies).stream()
                .map(name -> Replayed.of(recording, name, PublishedModels.policy(name, steps, family, own)))
                .toList();
    }
}
