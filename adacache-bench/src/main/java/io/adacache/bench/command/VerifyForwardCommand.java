package io.adacache.bench.command;

import io.adacache.bench.verify.ForwardCase;
import io.adacache.djl.TorchScriptTransformer;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Holds one forward call against a recorded one. */
@Command(
        name = "verify-forward",
        mixinStandardHelpOptions = true,
        description = "Compares one forward call, plain and through a session, with a recorded one. Exit code 0 if both"
                + " agree, 1 if not, 2 for bad input.")
public final class VerifyForwardCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private ModelOptions model = new ModelOptions();

    @Option(
            names = "--case",
            required = true,
            paramLabel = "FILE.npz",
            description = "arrays named after the call's arguments, and prediction")
    private Path file = Path.of("");

    @Option(
            names = "--tolerance",
            paramLabel = "D",
            defaultValue = "1e-5",
            description = "largest absolute difference that passes (default: ${DEFAULT-VALUE})")
    private double tolerance;

    @Override
    public Integer call() {
        if (tolerance < 0) {
            throw new IllegalArgumentException("--tolerance is 0 or more, but got " + tolerance);
        }
        ForwardCase recorded = ForwardCase.read(file);
        ForwardCase.Outcome outcome;
        try (TorchScriptTransformer transformer = model.load()) {
            outcome = recorded.run(transformer);
        }
        boolean passed = outcome.forward() <= tolerance && outcome.session() <= tolerance;
        PrintWriter console = spec.commandLine().getOut();
        console.printf(
                Locale.ROOT,
                "%s: largest absolute difference: forward %.2e, session %.2e (tolerance %.0e)  %s%n",
                file.getFileName(),
                outcome.forward(),
                outcome.session(),
                tolerance,
                passed ? "PASS" : "FAIL");
        console.flush();
        return passed ? 0 : 1;
    }
}
