package io.adacache.djl;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import io.adacache.AdaCache;
import io.adacache.Policies;
import io.adacache.djl.instrument.InstrumentException;
import io.adacache.djl.instrument.InstrumentOptions;
import io.adacache.djl.instrument.Instrumenter;
import io.adacache.layout.Layout.Granularity;
import io.adacache.policy.CachePolicy;
import io.adacache.policy.Codebook;
import io.adacache.testkit.ModelHarness;
import io.adacache.testkit.SessionKit;
import io.adacache.testkit.TransformerKit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The kits of transformers and sessions on every committed model file: those that the exporters wrote, and those that were traced and
 * instrumented. Sessions are held to the plain model bit for bit, so their kit takes the files in fp32.
 */
class EveryModelFileTest {
    private static final Path MODELS = TestModels.file("").toAbsolutePath();
    private static final Path TRACED = MODELS.resolve("../../../../traced").normalize();

    /** Latents with a condition behind the noise, of more channels than are predicted, or with the channels last. */
    private static final Set<String> OTHER_PREDICTIONS =
            Set.of("wan-i2v-tiny.pt", "wan-i2v22-tiny.pt", "image-to-video-ada.pt");

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

        @Override
        protected boolean takesOtherSizes() {
            return EveryModelFileTest.takesOtherSizes(file());
        }

        @Override
        protected boolean predictsTheLatentsShape() {
            return !OTHER_PREDICTIONS.contains(file().getFileName().toString());
        }

        @Override
        protected double tolerance() {
            return isExact() ? 1e-5 : 0.1;
        }
    }

    private static boolean takesOtherSizes(Path file) {
        return !model(file).manifest().sizes().keySet().containsAll(List.of("frames", "height", "width"));
    }

    /** A few policies and moments: what a session does with them all is the core's test, on models that cost nothing. */
    private abstract static class Sessions extends SessionKit<NDArray> {
        abstract Path file();

        @Override
        protected ModelHarness<NDArray> harness() {
            return new ManifestHarness(model(file()));
        }

        @Override
        protected List<CachePolicy> policies() {
            AdaCache everyThird =
                    AdaCache.builder().codebook(Codebook.parse("1:3")).build();
            return List.of(
                    Policies.parse("every-2"),
                    everyThird,
                    everyThird.toBuilder().granularity(Granularity.SITES).build());
        }

        @Override
        protected int moments() {
            return 3;
        }

        @Override
        protected boolean takesOtherSizes() {
            return EveryModelFileTest.takesOtherSizes(file());
        }
    }

    private static List<Path> inFloat32(List<Path> files) {
        return files.stream()
                .filter(file -> Manifest.read(file).dtype().equals("float32"))
                .toList();
    }

    static List<Path> exportedInFloat32() {
        return inFloat32(exported());
    }

    static List<Path> instrumentedInFloat32() {
        return inFloat32(instrumented());
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

    /** What the traced files became: written when it is first asked for. */
    static List<Path> instrumented() {
        if (written.isEmpty()) {
            written = files(TRACED).stream()
                    .map(EveryModelFileTest::written)
                    .filter(Files::exists)
                    .toList();
        }
        return written;
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

    @Nested
    @ParameterizedClass
    @MethodSource("io.adacache.djl.EveryModelFileTest#exportedInFloat32")
    class SessionsOnExported extends Sessions {
        @Parameter
        Path file;

        @Override
        Path file() {
            return file;
        }
    }

    @Nested
    @ParameterizedClass
    @MethodSource("io.adacache.djl.EveryModelFileTest#instrumentedInFloat32")
    class SessionsOnInstrumented extends Sessions {
        @Parameter
        Path file;

        @Override
        Path file() {
            return file;
        }
    }
}
