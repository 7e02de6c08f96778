package io.adacache.bench.command;

import io.adacache.bench.pipeline.TrainedModel;
import io.adacache.djl.TorchScriptTransformer;
import java.util.Optional;
import picocli.CommandLine.Mixin;
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

    @Mixin
    private final DeviceOptions device = new DeviceOptions();

    /** Loads it; the caller closes it. */
    TorchScriptTransformer load() {
        return device.load(ModelFile.of(file));
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
