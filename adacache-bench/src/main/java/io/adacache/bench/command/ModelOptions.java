package io.adacache.bench.command;

import io.adacache.djl.TorchScriptTransformer;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which model, and where. */
final class ModelOptions {
    private static final String DEMO = "/io/adacache/bench/demo.pt";

    @Option(
            names = "--model",
            paramLabel = "FILE",
            description = "model file (default: the demo model in this program)")
    private @Nullable Path file;

    @Option(names = "--device", defaultValue = "cpu", description = "cpu, gpu, gpu:1 (default: ${DEFAULT-VALUE})")
    private String device = "cpu";

    /** Loads it; the caller closes it. */
    TorchScriptTransformer load() {
        return load(file == null ? demo() : file);
    }

    /** Loads a file onto the chosen device. */
    TorchScriptTransformer load(Path path) {
        return TorchScriptTransformer.load(path, Devices.parse(device));
    }

    /** Returns the options as they would be written. */
    String written() {
        return (file == null ? "" : " --model " + file.getFileName())
                + (device.equals("cpu") ? "" : " --device " + device);
    }

    /** The engine loads files only, so the demo model is copied out of the program. */
    private static Path demo() {
        try (InputStream in = ModelOptions.class.getResourceAsStream(DEMO)) {
            if (in == null) {
                throw new IllegalStateException("This program was built without the demo model; give --model FILE");
            }
            Path folder = Files.createTempDirectory("adacache-demo");
            Path copy = folder.resolve("demo.pt");
            // Deleted in reverse order: the file, then its folder.
            folder.toFile().deleteOnExit();
            copy.toFile().deleteOnExit();
            Files.copy(in, copy, StandardCopyOption.REPLACE_EXISTING);
            return copy;
        } catch (IOException e) {
            throw new IllegalStateException("The demo model cannot be copied out of the program: " + e, e);
        }
    }
}
