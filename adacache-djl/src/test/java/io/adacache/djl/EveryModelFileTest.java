package io.adacache.djl;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import io.adacache.djl.instrument.InstrumentException;
import io.adacache.djl.instrument.InstrumentOptions;
import io.adacache.djl.instrument.Instrumenter;
import io.adacache.testkit.ModelHarness;
import io.adacache.testkit.TransformerKit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** The kit of transformers on every committed model file: those that the exporters wrote, and those that were traced and instrumented. */
class EveryModelFileTest {
    private static final Path MODELS = TestModels.file("").toAbsolutePath();
    private static final Path TRACED = MODELS.resolve("../../../../traced").normalize();

    @TempDir
    static Path folder;

    private static TorchScriptTransformer loaded;
    private static Path loadedFile;

    private static TorchScriptTransformer model(Path file) {
        if (!file.equals(loadedFile)) {
            close();
            loaded = TorchScriptTransformer.load(file, Device.cpu());
            loadedFile = file;
        }
        return loaded;
    }

    @AfterAll
    static void close() {
        if (loaded != null) {
            loaded.close();
            loaded = null;
            loadedFile = null;
        }
    }

    private static List<Path> files(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(".pt"))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private abstract static class Kit extends TransformerKit<NDArray> {
        abstract Path file();

        @Override
        protected ModelHarness<NDArray> harness() {
            return new ManifestHarness(model(file()));
        }

        @Override
        protected boolean isExact() {
            return model(file()).manifest().dtype().equals("float32");
        }

        /** Sessions ask in ascending order; one of the files does not keep another. */
        @Override
        protected boolean capturesInAnyOrder() {
            return false;
        }

        @Override
        protected boolean takesOtherSizes() {
            return !model(file()).manifest().sizes().keySet().containsAll(List.of("frames", "height", "width"));
        }

        /** Image-to-video latents have more channels than are predicted, and packed ones have them elsewhere. */
        @Override
        protected boolean predictsTheLatentsShape() {
            return false;
        }

        @Override
        protected double tolerance() {
            return isExact() ? 1e-5 : 0.1;
        }
    }

    static List<Path> exported() {
        return files(MODELS).stream()
                .filter(EveryModelFileTest::hasManifest)
                .filter(file -> !file.endsWith("missing-method.pt"))
                .toList();
    }

    private static boolean hasManifest(Path file) {
        try {
            Manifest.read(file);
            return true;
        } catch (ModelFileException e) {
            return false;
        }
    }

    @Nested
    @ParameterizedClass
    @MethodSource("io.adacache.djl.EveryModelFileTest#exported")
    class Exported extends Kit {
        @Parameter
        Path file;

        @Override
        Path file() {
            return file;
        }
    }

    @Nested
    class Traced {
        @Test
        void areInstrumented() {
            assertThat(instrumented()).hasSizeGreaterThan(30);
        }
    }

    private static List<Path> written = List.of();

    @BeforeAll
    static void instrument() {
        written = files(TRACED).stream()
                .map(EveryModelFileTest::written)
                .filter(Files::exists)
                .toList();
    }

    private static Path written(Path traced) {
        String name = traced.getFileName().toString().replace(".pt", "");
        InstrumentOptions.Builder options = InstrumentOptions.builder();
        Path inputs = traced.resolveSibling(name.replace("-frozen", "") + ".npz");
        if (Files.exists(inputs)) {
            options.verifyInputs(inputs);
        }
        Path out = folder.resolve(name + "-ada.pt");
        try {
            Instrumenter.instrument(traced, out, options.build());
        } catch (InstrumentException e) {
            // What is refused, and why, is InstrumenterTest's.
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return out;
    }

    static List<Path> instrumented() {
        return written;
    }

    @Nested
    @ParameterizedClass
    @MethodSource("io.adacache.djl.EveryModelFileTest#instrumented")
    class Instrumented extends Kit {
        @Parameter
        Path file;

        @Override
        Path file() {
            return file;
        }
    }
}
