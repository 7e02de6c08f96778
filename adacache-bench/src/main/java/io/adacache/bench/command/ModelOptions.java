package io.adacache.bench.command;

import io.adacache.bench.pipeline.DemoModel;
import io.adacache.djl.TorchScriptTransformer;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which model, and where. */
final class ModelOptions {
    @Option(
            names = "--model",
            paramLabel = "FILE",
            description = "model file (default: the demo model in this program)")
    private @Nullable Path file;

    @Option(names = "--device", defaultValue = "cpu", description = "cpu, gpu, gpu:1 (default: ${DEFAULT-VALUE})")
    private String device = "cpu";

    /** Loads it; the caller closes it. */
    TorchScriptTransformer load() {
        return TorchScriptTransformer.load(file == null ? DemoModel.copyOut() : file, Devices.parse(device));
    }

    /** Returns which file it is, {@link DemoModel#NAME} for the one in this program. */
    String name() {
        return file == null ? DemoModel.NAME : file.toString();
    }
}
