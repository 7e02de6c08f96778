package io.adacache.bench.command;

import io.adacache.bench.pipeline.DemoModel;
import io.adacache.djl.TorchScriptTransformer;
import io.adacache.djl.TorchScriptTransformer.Checks;
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

    @Option(
            names = "--device",
            defaultValue = "cpu",
            description = "cpu, gpu, gpu:1 (default: ${DEFAULT-VALUE}); several, as gpu:0,gpu:1, share each generation")
    private String device = "cpu";

    @Option(
            names = "--shards",
            paramLabel = "K",
            description = "members that share each generation, all on the one device: to try what several devices do")
    private @Nullable Integer shards;

    /** Loads it; the caller closes it. */
    TorchScriptTransformer load() {
        Path model = file == null ? DemoModel.copyOut() : file;
        return TorchScriptTransformer.load(model, Devices.list(device, shards), Checks.ALL);
    }

    /** Returns which file it is, {@link DemoModel#NAME} for the one in this program. */
    String name() {
        return file == null ? DemoModel.NAME : file.toString();
    }
}
