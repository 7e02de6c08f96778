package io.adacache.bench.command;

import io.adacache.bench.pipeline.TrainedModel;
import io.adacache.djl.TorchScriptTransformer;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Which model, and where. */
final class ModelOptions {
    @Option(
            names = "--model",
            paramLabel = "FILE|demo|joint|wan",
            defaultValue = "demo",
            description = "model file, or one of the trained models in this program (a file of such a name is ./demo);"
                    + " default: ${DEFAULT-VALUE}")
    private String file = "demo";

    @Option(names = "--device", defaultValue = "cpu", description = "cpu, gpu, gpu:1 (default: ${DEFAULT-VALUE})")
    private String device = "cpu";

    /** Loads it; the caller closes it. */
    TorchScriptTransformer load() {
        return TorchScriptTransformer.load(ModelFile.of(file), Devices.parse(device));
    }

    /** Returns which of the program's own models it is; empty for a file. */
    Optional<TrainedModel> trained() {
        return TrainedModel.find(file);
    }

    /** Returns which file it is, or the word for one in this program. */
    String name() {
        return file;
    }
}
