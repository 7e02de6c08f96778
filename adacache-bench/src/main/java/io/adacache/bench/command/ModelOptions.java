package io.adacache.bench.command;

import io.adacache.bench.pipeline.TrainedModel;
import io.adacache.djl.TorchScriptTransformer;
import io.adacache.djl.TorchScriptTransformer.Checks;
import io.adacache.djl.TorchScriptTransformer.Division;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
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

    @Option(
            names = "--divide",
            paramLabel = "frames|rows",
            defaultValue = "frames",
            description = "what several devices divide: the frames of each video, or the rows of a call, as guidance in one batch has"
                    + " two (default: ${DEFAULT-VALUE})")
    private Division division = Division.FRAMES;

    /** Loads it; the caller closes it. */
    TorchScriptTransformer load() {
        return TorchScriptTransformer.load(ModelFile.of(file), Devices.list(device, shards), division, Checks.ALL);
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
