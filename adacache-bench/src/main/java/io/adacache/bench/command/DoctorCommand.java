package io.adacache.bench.command;

import ai.djl.Device;
import io.adacache.bench.files.Json;
import io.adacache.bench.pipeline.DemoModel;
import io.adacache.bench.report.PlainText;
import io.adacache.djl.TorchScriptTransformer;
import io.adacache.djl.TorchScriptTransformer.Finding;
import io.adacache.djl.TorchScriptTransformer.Finding.Level;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Looks at everything that a first generation needs. */
@Command(
        name = "doctor",
        mixinStandardHelpOptions = true,
        description = {
            "Looks at everything that a generation needs on this machine: Java, memory, versions, threads, allocator, folders, engine,"
                    + " devices, the model file, its manifest, and a generation of the smallest size. Says what to do about what is not"
                    + " good.",
            "The exit code is 0 unless something is wrong, then 1: it serves as a health check."
        })
public final class DoctorCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--model",
            paramLabel = "FILE",
            description = "model file (default: the demo model in this program)")
    private @Nullable Path file;

    @Option(names = "--device", defaultValue = "cpu", description = "cpu, gpu, gpu:1 (default: ${DEFAULT-VALUE})")
    private String device = "cpu";

    @Option(names = "--json", description = "print the findings as JSON")
    private boolean json;

    @Override
    public Integer call() {
        Device on = Devices.named(device);
        List<Finding> findings = TorchScriptTransformer.examine(file == null ? DemoModel.copyOut() : file, on);
        PrintWriter console = spec.commandLine().getOut();
        if (json) {
            console.print(Json.text(findings));
        } else {
            findings.forEach(finding -> print(finding, console));
        }
        console.flush();
        return findings.stream().anyMatch(finding -> finding.level() == Level.WRONG) ? 1 : 0;
    }

    private static void print(Finding finding, PrintWriter console) {
        console.printf(
                "%-5s %-16s %s%n",
                finding.level().name().toLowerCase(Locale.ROOT), finding.subject(), PlainText.of(finding.found()));
        if (!finding.advice().isEmpty()) {
            console.printf("      %-16s -> %s%n", "", finding.advice());
        }
    }
}
