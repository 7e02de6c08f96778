package io.adacache.bench.command;

import ai.djl.Device;
import io.adacache.djl.TorchScriptTransformer;
import io.adacache.djl.TorchScriptTransformer.Checks;
import io.adacache.djl.TorchScriptTransformer.Division;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where a model computes. */
final class DeviceOptions {
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
            description =
                    "what several devices divide: the frames of each video, or the rows of a call, as guidance in one batch has"
                            + " two (default: ${DEFAULT-VALUE})")
    private Division division = Division.FRAMES;

    /** Loads a file, with all checks; the caller closes it. */
    TorchScriptTransformer load(Path file) {
        List<Device> devices = Devices.list(device, shards);
        if (division != Division.FRAMES && devices.size() == 1) {
            throw new IllegalArgumentException("--divide does nothing on one device; name several, or --shards");
        }
        return TorchScriptTransformer.load(file, devices, division, Checks.ALL);
    }
}
