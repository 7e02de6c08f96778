package io.adacache.bench.command;

import io.adacache.Policies;
import io.adacache.bench.command.OptionRules.OnlyWith;
import io.adacache.bench.pipeline.Recipe;
import io.adacache.djl.Manifest;
import io.adacache.djl.ManifestEdit;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Shows or changes what a model file says of itself. */
@Command(
        name = "manifest",
        mixinStandardHelpOptions = true,
        description =
                "Shows the manifest of a model file, or writes a copy of the file with another one: steps, prediction,"
                        + " guidance, policies, sampler. Code and weights stay byte for byte what they are.")
public final class ManifestCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(paramLabel = "FILE", description = "a model file with a manifest, or a manifest in a file of its own")
    private Path file = Path.of("");

    @Option(names = "--out", paramLabel = "FILE", description = "the changed copy")
    private @Nullable Path out;

    @Option(names = "--in-place", description = "change FILE itself")
    private boolean inPlace;

    @OnlyWith("--out")
    @Option(names = "--overwrite", description = "replace the file of --out if it is there")
    private boolean overwrite;

    @Option(names = "--steps", paramLabel = "N", description = "calls per generation that the model was published for")
    private @Nullable Integer steps;

    @Option(
            names = "--prediction",
            paramLabel = "TYPE",
            description = "what the model predicts: velocity, flow, noise or clean")
    private @Nullable String prediction;

    @Option(
            names = "--guidance-order",
            paramLabel = "ORDER",
            description = "conditional-first or unconditional-first; none where the model has no guidance")
    private @Nullable String guidanceOrder;

    @Option(names = "--guidance-scale", paramLabel = "SCALE", description = "the published guidance scale")
    private @Nullable Double guidanceScale;

    @Option(
            names = "--recommend",
            paramLabel = "POLICY",
            description = "settings to take where a user's text says nothing: NAME:setting=value,... or NAME@STEPS:...;"
                    + " NAME: takes them away")
    private List<String> recommended = List.of();

    @Option(
            names = "--sampling",
            paramLabel = "SETTING=VALUE",
            description =
                    "how the model is sampled: sampler, shift, guidance-calls, expert, boundary; SETTING= takes it away")
    private Map<String, String> sampling = new LinkedHashMap<>();

    @Option(names = "--role", paramLabel = "INPUT=ROLE", description = "what an input means: timestep, text, ...")
    private Map<String, String> roles = new LinkedHashMap<>();

    @Option(
            names = "--digest",
            description =
                    "note which entries the file consists of, after comparing all with their checksums; for files that"
                            + " were written before manifests had a digest")
    private boolean digest;

    @Option(names = "--family", description = "the model's family, for people")
    private @Nullable String family;

    @Option(names = "--name", description = "the model's name, for people")
    private @Nullable String name;

    @Override
    public Integer call() throws IOException {
        ManifestEdit edit = ManifestEdit.of(file);
        Manifest before = edit.manifest();
        change(edit, before);
        Manifest after = edit.manifest();
        PrintWriter console = spec.commandLine().getOut();
        if (after.equals(before)) {
            if (out != null || inPlace) {
                throw new IllegalArgumentException("Nothing would change; say what, or leave out --out and --in-place");
            }
            console.println(before.json());
        } else {
            Path target = target();
            edit.write(target, overwrite || inPlace);
            console.println("written: " + target);
        }
        console.flush();
        return 0;
    }

    private Path target() {
        if (inPlace == (out != null)) {
            throw new IllegalArgumentException("Give either --out FILE or --in-place");
        }
        return out == null ? file : out;
    }

    private void change(ManifestEdit edit, Manifest before) {
        if (steps != null) {
            edit.steps(steps);
        }
        if (prediction != null) {
            edit.prediction(prediction);
        }
        if (guidanceOrder != null || guidanceScale != null) {
            Manifest.Guidance now = before.guidance();
            if (guidanceOrder == null && now.order().equals(Manifest.Guidance.NONE.order())) {
                throw new IllegalArgumentException("--guidance-scale does nothing where the model has no guidance;"
                        + " --guidance-order says which half of a batch comes first");
            }
            edit.guidance(new Manifest.Guidance(
                    guidanceOrder == null ? now.order() : guidanceOrder,
                    guidanceScale == null ? now.scale() : guidanceScale));
        }
        if (family != null || name != null) {
            edit.named(family == null ? before.family() : family, name == null ? before.name() : name);
        }
        if (digest) {
            edit.digest();
        }
        recommended.forEach(text -> recommend(edit, text));
        sampling.forEach((setting, value) -> edit.sampling(setting, value(setting, value)));
        roles.forEach(edit::role);
    }

    private static void recommend(ManifestEdit edit, String text) {
        String[] parts = text.split(":", 2);
        if (parts.length < 2) {
            throw new IllegalArgumentException(
                    "--recommend is '" + text + "'; give NAME:setting=value,setting=value, or NAME: to take all away");
        }
        Map<String, String> settings = new LinkedHashMap<>();
        for (String setting : parts[1].isBlank() ? new String[0] : parts[1].split(",", -1)) {
            String[] pair = setting.split("=", 2);
            if (pair.length < 2) {
                throw new IllegalArgumentException("'" + setting + "' of --recommend has no value; give setting=value");
            }
            if (settings.put(pair[0].trim(), pair[1].trim()) != null) {
                throw new IllegalArgumentException("--recommend sets '" + pair[0].trim() + "' twice: '" + text + "'");
            }
        }
        String policy = parts[0].replaceFirst("@[0-9]+$", "");
        // A policy or setting that does not exist, or a value that does not fit, is said now and not in the first
        // generation.
        Policies.of(policy, settings);
        edit.recommend(parts[0], settings);
    }

    private static @Nullable Object value(String setting, String text) {
        if (setting.equals("sampler") && !text.isEmpty() && !Recipe.SAMPLERS.containsKey(text)) {
            throw new IllegalArgumentException("Unknown sampler '" + text + "'; known: " + Recipe.SAMPLERS.keySet());
        }
        if (text.isEmpty()) {
            return null;
        }
        if (text.matches("true|false")) {
            return Boolean.valueOf(text);
        }
        if (text.matches("-?[0-9]{1,18}")) {
            return Long.valueOf(text);
        }
        return text.matches("-?[0-9]*\\.[0-9]+([eE]-?[0-9]+)?") ? Double.valueOf(text) : text;
    }
}
