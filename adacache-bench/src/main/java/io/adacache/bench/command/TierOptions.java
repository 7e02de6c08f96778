package io.adacache.bench.command;

import io.adacache.Calibration.Result;
import io.adacache.bench.files.OutputFile;
import io.adacache.bench.pipeline.TrainedModel;
import io.adacache.djl.Manifest;
import io.adacache.djl.ManifestEdit;
import io.adacache.policy.Generation.Scope;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where a setting goes: under a name that services ask for, into a copy of the model file or into a small file beside it. */
final class TierOptions {
    private static final String USUAL = "balanced";
    private static final Manifest.Tier ANY = new Manifest.Tier("none", Scope.steps(1), Map.of());

    @Option(
            names = "--tier",
            paramLabel = "NAME",
            description =
                    "the name that services ask for, as high, balanced or fast: goes into a small file beside the model file,"
                            + " or into the copy of --write (there by default: balanced)")
    private @Nullable String name;

    @Option(
            names = "--write",
            paramLabel = "FILE",
            description = "write a copy of the model file whose manifest has the tier; replaces what is there")
    private @Nullable Path copy;

    /** Throws if the tier could not be written, before anything is generated. */
    void check(GenerationOptions generation) {
        if (name == null && copy == null) {
            return;
        }
        Path model = model(generation);
        if (copy != null) {
            OutputFile.at(copy);
            ManifestEdit.of(model).tier(nameOfTier(), ANY).manifest();
        } else {
            Manifest.Tier.beside(model);
            Manifest.Tier.checkName(nameOfTier());
            OutputFile.at(model.resolveSibling(model.getFileName() + ".tiers.json"));
        }
    }

    private String nameOfTier() {
        return name == null ? USUAL : name;
    }

    private static Path model(GenerationOptions generation) {
        if (TrainedModel.find(generation.modelFile()).isPresent()) {
            throw new IllegalArgumentException("A tier lives with a model file; name yours with --model ('"
                    + generation.modelFile() + "' is inside this program)");
        }
        return Path.of(generation.modelFile());
    }

    /** Writes the tier, if one was asked for; not one that does not keep the wish. */
    void write(PrintWriter console, GenerationOptions generation, Result result) {
        if (name == null && copy == null || !result.reachable()) {
            return;
        }
        Path model = model(generation);
        Map<String, Double> figures = new LinkedHashMap<>();
        figures.put("speedup", result.measured().operations());
        figures.put("psnr", result.measured().psnr().mean());
        Manifest.Tier tier = new Manifest.Tier(result.setting(), result.scope(), figures);
        try {
            Path written = copy;
            if (written != null) {
                ManifestEdit.of(model).tier(nameOfTier(), tier).write(written, true);
            } else {
                written = tier.writeBeside(model, nameOfTier());
            }
            console.println("tier       '" + nameOfTier() + "' in " + written + "; a service asks for it with begin(\""
                    + nameOfTier() + "\", " + result.scope().steps() + ")");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        console.flush();
    }
}
