package io.adacache.bench.command;

import io.adacache.bench.files.InputFile;
import io.adacache.djl.instrument.InstrumentOptions;
import io.adacache.djl.instrument.InstrumentReport;
import io.adacache.djl.instrument.Instrumenter;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Makes an AdaCache-ready copy of an unmodified TorchScript file. */
@Command(
        name = "instrument",
        mixinStandardHelpOptions = true,
        description =
                "Makes an AdaCache-ready copy of a traced TorchScript transformer, without Python, and verifies it: nothing is"
                        + " written unless the copy computes what forward computes, bit for bit on the CPU.")
public final class InstrumentCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(names = "--in", required = true, paramLabel = "FILE", description = "the traced file; never changed")
    private Path in = Path.of("");

    @Option(names = "--out", required = true, paramLabel = "FILE", description = "the new file")
    private Path out = Path.of("");

    @Option(
            names = "--latent",
            paramLabel = "INPUT",
            description = "which input of forward is the latent, where the guess is wrong")
    private @Nullable String latent;

    @Option(
            names = "--frames-from",
            paramLabel = "INPUT:DIMENSION",
            description = "which dimension of which input counts the frames, such as x:2, where that is not found")
    private @Nullable String framesFrom;

    @Option(
            names = "--frames",
            paramLabel = "N",
            description =
                    "frames of the verification's inputs, where the latent is a row of packed tokens (default: 1)")
    private @Nullable Integer frames;

    @Option(
            names = "--verify-inputs",
            paramLabel = "FILE",
            description = "an .npz with inputs to verify with, named after forward's parameters (default: made up)")
    private @Nullable Path verifyInputs;

    @Option(
            names = "--device",
            paramLabel = "DEVICE",
            description = "rewrite the device that tracing baked in: cpu, cuda, cuda:1 (default: as traced)")
    private @Nullable String device;

    @Option(
            names = "--role",
            paramLabel = "INPUT=ROLE",
            description = "an input's role (timestep, text, ...), where the guess is wrong")
    private Map<String, String> roles = new LinkedHashMap<>();

    @Option(
            names = "--prediction",
            defaultValue = "noise",
            description = "noise, velocity (clean minus noise), flow (noise minus clean) or clean (default: noise)")
    private String prediction = "noise";

    @Option(
            names = "--guidance-order",
            description = "conditional-first or unconditional-first, where the model has guidance")
    private @Nullable String guidanceOrder;

    @Option(
            names = "--guidance-scale",
            description = "the published guidance scale, with --guidance-order (default: 1)")
    private @Nullable Double guidanceScale;

    @Option(names = "--steps", paramLabel = "N", description = "calls per generation that the model was published for")
    private @Nullable Integer steps;

    @Option(
            names = "--any-share",
            description = "write the file even if hardly anything of it can be reused (see 'share' in the report)")
    private boolean anyShare;

    @Option(names = "--overwrite", description = "replace FILE of --out if it is there")
    private boolean overwrite;

    @Override
    public Integer call() throws IOException {
        InstrumentOptions options = options();
        InputFile.check(in, "There is no file " + in);
        if (Files.exists(out) && !overwrite) {
            throw new IllegalArgumentException(out + " is there already; --overwrite replaces it");
        }
        InstrumentReport report = Instrumenter.instrument(in, out, options);
        PrintWriter console = spec.commandLine().getOut();
        console.print(report.text());
        console.println("written: " + out);
        console.flush();
        return 0;
    }

    private InstrumentOptions options() {
        InstrumentOptions.Builder options = InstrumentOptions.builder()
                .overwrite(overwrite)
                .anyShare(anyShare)
                .predictionType(prediction);
        if (latent != null) {
            options.latent(latent);
        }
        if (framesFrom != null) {
            options.framesFrom(framesFrom);
        }
        if (frames != null) {
            options.frames(frames);
        }
        if (verifyInputs != null) {
            options.verifyInputs(verifyInputs);
        }
        if (device != null) {
            options.device(device);
        }
        if (guidanceOrder != null) {
            options.guidance(guidanceOrder, guidanceScale == null ? 1 : guidanceScale);
        } else if (guidanceScale != null) {
            throw new IllegalArgumentException(
                    "--guidance-scale does nothing without --guidance-order: say which half of a"
                            + " guidance batch comes first, conditional-first or unconditional-first");
        }
        if (steps != null) {
            options.steps(Ranges.check("--steps", steps, Ranges.STEPS));
        }
        roles.forEach(options::role);
        return options.build();
    }
}
