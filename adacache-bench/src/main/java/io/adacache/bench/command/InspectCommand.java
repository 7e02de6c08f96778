package io.adacache.bench.command;

import ai.djl.Device;
import io.adacache.Policies;
import io.adacache.bench.command.OptionRules.NotWith;
import io.adacache.bench.inspect.Inspection;
import io.adacache.bench.scale.VideoSize;
import io.adacache.djl.Manifest;
import io.adacache.djl.ModelFileException;
import io.adacache.djl.TorchScriptTransformer;
import io.adacache.layout.ResidualKind;
import io.adacache.layout.TokenGrid;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Says what a model file is and what caching it will cost. */
@Command(
        name = "inspect",
        mixinStandardHelpOptions = true,
        description =
                "Says what a model file is and, for a latent of a given size, what a call costs and what each policy will hold:"
                        + " from the manifest alone, no weights are loaded unless --check is given.")
public final class InspectCommand implements Callable<Integer> {
    private static final double TERA = 1e12;
    private static final double MEBI = 1 << 20;
    private static final int USUAL_CALLS = 30;
    private static final double NANOS = 1e9;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--model",
            required = true,
            paramLabel = "FILE",
            description = "model file, or a manifest as JSON (adacache_export --manifest-only)")
    private Path file = Path.of("");

    @NotWith({"--frames", "--height", "--width"})
    @Option(
            names = "--size",
            paramLabel = "SIZE",
            description =
                    "frames, rows and columns of the latent (15x60x106), or 480p-2s, 480p-4s, 720p-2s, 512x512x16, 512x512x65")
    private @Nullable String size;

    @Option(names = "--frames", paramLabel = "F", description = "latent frames")
    private @Nullable Integer frames;

    @Option(names = "--height", paramLabel = "H", description = "latent rows")
    private @Nullable Integer height;

    @Option(names = "--width", paramLabel = "W", description = "latent columns")
    private @Nullable Integer width;

    @Option(
            names = "--text",
            paramLabel = "L",
            defaultValue = "0",
            description = "length of the text (default: ${DEFAULT-VALUE})")
    private int text;

    @Option(
            names = "--batch",
            paramLabel = "B",
            description = "rows of a call, guidance halves included (default: 2, or 1 for a model without guidance)")
    private @Nullable Integer batch;

    @Option(names = "--calls", paramLabel = "N", description = "calls of a generation (default: as published, or 30)")
    private @Nullable Integer calls;

    @Option(
            names = "--policy",
            description =
                    "what is held under a policy; repeatable (default: every policy in its default setting, AdaCache in all"
                            + " granularities)")
    private List<String> policies = new ArrayList<>();

    @Option(
            names = "--check",
            description =
                    "load the file on the CPU as a service would, with all checks: every byte against its checksum, the"
                            + " methods against the manifest, one small call of them against forward")
    private boolean check;

    @Mixin
    private final PredictionOptions prediction = new PredictionOptions();

    @Override
    public Integer call() {
        Manifest manifest = Manifest.read(file);
        PrintWriter console = spec.commandLine().getOut();
        describe(manifest, console);
        boolean sound = !check || checked(console);
        Map<String, Long> sizes = sizes(manifest);
        if (sizes.keySet().containsAll(List.of("frames", "height", "width"))) {
            Inspection inspection = new Inspection(manifest, sizes);
            cost(inspection, console);
            held(inspection, console);
            prediction.print(inspection, policies, calls(inspection), console);
        } else {
            console.println(
                    "Give --frames, --height and --width, or --size (and --text), for tokens, operations and bytes held.");
        }
        console.flush();
        return sound ? 0 : 1;
    }

    /** Whether the file passes; what could not be compared has not passed. */
    private boolean checked(PrintWriter console) {
        long begin = System.nanoTime();
        try (TorchScriptTransformer model = TorchScriptTransformer.load(file, Device.cpu())) {
            double seconds = (System.nanoTime() - begin) / NANOS;
            boolean passed = model.comparison().startsWith("as forward");
            line(
                    console,
                    "check",
                    String.format(
                            Locale.ROOT,
                            "%s: the methods predict %s (loaded and checked in %.2f s)",
                            passed ? "PASS" : "FAIL",
                            model.comparison(),
                            seconds));
            return passed;
        } catch (ModelFileException e) {
            line(console, "check", "FAIL: " + e.getMessage());
            return false;
        }
    }

    private Map<String, Long> sizes(Manifest manifest) {
        Map<String, Long> sizes = new HashMap<>();
        manifest.sizes().forEach((name, size) -> sizes.put(name, size.longValue()));
        VideoSize named = size == null ? null : VideoSize.parse(size);
        put(sizes, "frames", named == null ? frames : Integer.valueOf(named.frames()));
        put(sizes, "height", named == null ? height : Integer.valueOf(named.height()));
        put(sizes, "width", named == null ? width : Integer.valueOf(named.width()));
        sizes.put("text", (long) checkedText());
        sizes.put(
                "batch",
                batch != null
                        ? Ranges.check("--batch", batch, Ranges.COUNT)
                        : manifest.guidance().order().equals("none") ? 1L : 2L);
        return sizes;
    }

    private int checkedText() {
        return text == 0 ? 0 : Ranges.check("--text", text, Ranges.SIZE);
    }

    private static void put(Map<String, Long> sizes, String name, @Nullable Integer given) {
        Long fixed = sizes.get(name);
        if (given != null) {
            sizes.put(name, (long) Sizes.given(name, given, fixed == null ? null : Integer.valueOf(fixed.intValue())));
        }
    }

    private static void describe(Manifest manifest, PrintWriter console) {
        console.printf(Locale.ROOT, "%s (%s)%n", manifest.name(), manifest.family());
        line(
                console,
                "parameters",
                String.format(
                        Locale.ROOT,
                        "%,d, %s, %s",
                        manifest.parameters(),
                        manifest.dtype(),
                        bytes(Inspection.weightBytes(manifest))));
        line(
                console,
                "hidden state",
                part(manifest, "hidden", "channels") + " channels; prefix " + part(manifest, "hidden", "prefix")
                        + "; patches of " + part(manifest, "patch", "frames") + " x "
                        + part(manifest, "patch", "height")
                        + " x " + part(manifest, "patch", "width"));
        line(console, "digest", manifest.digest().orElse("none: entries that were exchanged cannot be noticed"));
        calls(manifest, console);
        line(console, "sites", manifest.layout().sites().size() + ": " + kinds(manifest));
        manifest.policies().forEach((name, settings) -> line(console, "recommended", name + ":" + settings(settings)));
    }

    private static void calls(Manifest manifest, PrintWriter console) {
        manifest.inputs().forEach(input -> line(console, "input", input + ", " + input.role()));
        if (!manifest.sizes().isEmpty()) {
            line(console, "fixed sizes", manifest.sizes().toString());
        }
        Manifest.Prediction prediction = manifest.prediction();
        line(
                console,
                "prediction",
                prediction.type() + " " + prediction.shape() + ", channels " + prediction.firstChannel() + " to "
                        + (prediction.lastChannel() - 1));
        line(
                console,
                "guidance",
                manifest.guidance().order() + ", scale " + manifest.guidance().scale());
        line(console, "calls", manifest.steps() == 0 ? "unknown" : Integer.toString(manifest.steps()));
    }

    private static String kinds(Manifest manifest) {
        return Arrays.stream(ResidualKind.values())
                .filter(manifest.layout()::has)
                .map(kind -> manifest.layout().sitesOf(kind).size() + " " + kind.id())
                .collect(Collectors.joining(", "));
    }

    private static String settings(Map<String, String> settings) {
        return settings.entrySet().stream()
                .map(setting -> setting.getKey() + "=" + setting.getValue())
                .collect(Collectors.joining(","));
    }

    private static Object part(Manifest manifest, String object, String field) {
        return String.valueOf(
                ((Map<?, ?>) Objects.requireNonNull(manifest.details().get(object))).get(field));
    }

    private static void line(PrintWriter console, String name, String value) {
        console.printf("  %-13s %s%n", name, value);
    }

    private static void cost(Inspection inspection, PrintWriter console) {
        TokenGrid grid = inspection.grid();
        console.printf(
                Locale.ROOT,
                "%nA call: %d rows of %,d tokens (%s%d frames of %,d); one activation is %s%n",
                grid.rows(),
                grid.tokens(),
                grid.prefix() > 0 ? grid.prefix() + " of text, " : "",
                grid.frames(),
                grid.tokensPerFrame(),
                bytes(inspection.sizes().activationBytes()));
        operations(inspection, console);
    }

    private static void operations(Inspection inspection, PrintWriter console) {
        if (inspection.operations().isEmpty()) {
            console.println("  operations: unknown, this file does not say (files of 'instrument' never do)");
            return;
        }
        double total = inspection.operations().stream()
                .mapToDouble(Inspection.Part::all)
                .sum();
        console.printf("  %-20s %6s %12s %12s %7s%n", "operations", "sites", "each, T", "all, T", "share");
        for (Inspection.Part part : inspection.operations()) {
            console.printf(
                    Locale.ROOT,
                    "  %-20s %6d %12.4f %12.4f %6.2f%%%n",
                    part.part(),
                    part.sites(),
                    part.each() / TERA,
                    part.all() / TERA,
                    total == 0 ? 0 : 100 * part.all() / total);
        }
        console.printf(Locale.ROOT, "  %-20s %6s %12s %12.4f%n", "a computed call", "", "", total / TERA);
    }

    private int calls(Inspection inspection) {
        int published =
                inspection.manifest().steps() > 0 ? inspection.manifest().steps() : USUAL_CALLS;
        return calls != null ? Ranges.check("--calls", calls, Ranges.STEPS) : published;
    }

    private void held(Inspection inspection, PrintWriter console) {
        int count = calls(inspection);
        List<String> chosen = policies.isEmpty() ? everyPolicy() : policies;
        console.printf("%nBytes of tensors that a session of %d calls keeps between calls, and knows at most%n", count);
        for (String policy : chosen) {
            Inspection.Held held = inspection.held(policy, count);
            if (held.footprint() == null && !policies.isEmpty()) {
                throw new IllegalArgumentException(held.problem());
            }
            console.printf(
                    "  %-30s %12s %12s%n",
                    policy,
                    held.footprint() == null ? "-" : bytes(held.footprint().bytesHeld()),
                    held.footprint() == null ? "-" : bytes(held.footprint().bytesPeak()));
        }
    }

    private static List<String> everyPolicy() {
        List<String> all = new ArrayList<>(Policies.names());
        int fast = all.indexOf("adacache-fast");
        all.add(fast + 1, "adacache-fast:spans=pairs");
        all.add(fast + 2, "adacache-fast:spans=sites");
        return all;
    }

    private static String bytes(long bytes) {
        double value = bytes / MEBI;
        return value < 1024
                ? String.format(Locale.ROOT, value < 10 ? "%.2f MiB" : "%.0f MiB", value)
                : String.format(Locale.ROOT, "%.1f GiB", value / 1024);
    }
}
