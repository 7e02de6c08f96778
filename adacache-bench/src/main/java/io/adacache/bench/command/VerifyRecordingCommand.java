package io.adacache.bench.command;

import io.adacache.bench.verify.AuthorsRuns;
import io.adacache.bench.verify.Rerun;
import io.adacache.bench.verify.Verdict;
import io.adacache.djl.TorchScriptTransformer;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Holds whole generations against recordings of the authors' code. */
@Command(
        name = "verify-recording",
        mixinStandardHelpOptions = true,
        description = {
            "Replays a recording of the authors' code in reference-exact mode, under fused, pair-wise and per-site spans.",
            "Passes if computed steps and rates are equal, raw distance, raw motion and the final latent agree to 1e-4 and"
                    + " the metric to 1e-3. Exit code 0 only if all generations pass, 1 if not, 2 for bad input."
        })
public final class VerifyRecordingCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private ModelOptions model = new ModelOptions();

    @Option(
            names = "--recording",
            required = true,
            paramLabel = "DIR/runs/NAME",
            description = "NAME.json and NAME.npz in that folder")
    private Path recording = Path.of("");

    @Option(
            names = "--conditioning",
            paramLabel = "FILE.npz",
            description = "text, text mask and frame rate (default: conditioning.npz in the folder above)")
    private @Nullable Path conditioning;

    @Override
    public Integer call() {
        AuthorsRuns read = AuthorsRuns.read(recording.toAbsolutePath());
        Path text = conditioning == null
                ? recording
                        .toAbsolutePath()
                        .normalize()
                        .resolve("../../conditioning.npz")
                        .normalize()
                : conditioning;
        PrintWriter console = spec.commandLine().getOut();
        console.println(read.name() + ": generations: " + read.runs().size() + ", latent " + read.shape());
        List<Verdict> verdicts;
        try (TorchScriptTransformer transformer = model.load()) {
            verdicts = new Rerun(transformer, read, text).run();
        }
        verdicts.forEach(console::println);
        boolean passed = verdicts.stream().allMatch(Verdict::passed);
        console.println(read.name() + ": " + (passed ? "PASS" : "FAIL"));
        console.flush();
        return passed ? 0 : 1;
    }
}
