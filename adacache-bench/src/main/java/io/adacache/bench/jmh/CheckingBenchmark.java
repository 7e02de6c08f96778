package io.adacache.bench.jmh;

import ai.djl.Device;
import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.inference.Predictor;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.translate.NoopTranslator;
import ai.djl.translate.TranslateException;
import io.adacache.CacheSession;
import io.adacache.bench.engine.EngineSettings;
import io.adacache.bench.pipeline.DemoModel;
import io.adacache.djl.Manifest;
import io.adacache.djl.TorchScriptTransformer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What checking costs: a call through this library, with its gate and all checks of inputs and results, beside the same call through
 * DJL alone. Percentiles, since what else runs on a machine is in every mean.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 3)
@Fork(1)
public class CheckingBenchmark {
    private static final int STEPS = 30;
    private static final Map<String, Long> SIZES =
            Map.of("batch", 2L, "frames", 2L, "height", 4L, "width", 4L, "text", 4L);

    /** A model file; empty for the demo model. The smaller it is, the plainer is what surrounds the call. */
    @Param("")
    public String model = "";

    /** The file, loaded twice: as this library does, and as DJL does. */
    private record Loaded(
            TorchScriptTransformer checked,
            Model plain,
            Predictor<NDList, NDList> predictor,
            NDManager manager,
            NDList inputs) {
        static Loaded of(Path file) throws IOException, MalformedModelException {
            TorchScriptTransformer checked = TorchScriptTransformer.load(file, Device.cpu());
            Model plain = Model.newInstance("plain", Device.cpu(), "PyTorch");
            plain.load(file.getParent(), file.getFileName().toString());
            NDManager manager = checked.newManager();
            NDList inputs = new NDList();
            checked.manifest()
                    .inputs()
                    .forEach(spec -> inputs.add(manager.ones(
                            new Shape(shape(checked.manifest(), spec)),
                            DataType.valueOf(spec.dtype().toUpperCase(Locale.ROOT)))));
            return new Loaded(checked, plain, plain.newPredictor(new NoopTranslator()), manager, inputs);
        }

        private static long[] shape(Manifest manifest, Manifest.Input spec) {
            return spec.optional()
                    ? new long[] {0}
                    : spec.shape().stream()
                            .mapToLong(size -> size.matches("[0-9]+")
                                    ? Long.parseLong(size)
                                    : manifest.sizes().containsKey(size)
                                            ? manifest.sizes().get(size)
                                            : SIZES.getOrDefault(size, 1L))
                            .toArray();
        }
    }

    private @Nullable Loaded loaded;

    private Loaded loaded() {
        return Objects.requireNonNull(loaded);
    }

    /** Loads the file. */
    @Setup
    public void load() throws IOException, MalformedModelException {
        EngineSettings.apply(null);
        loaded = Loaded.of((model.isEmpty() ? DemoModel.copyOut() : Path.of(model)).toAbsolutePath());
    }

    /** Closes both models. */
    @TearDown
    public void close() {
        loaded().predictor().close();
        loaded().plain().close();
        loaded().manager().close();
        loaded().checked().close();
    }

    /** The call through DJL alone. */
    @Benchmark
    public void plainCall() throws TranslateException {
        loaded().predictor().predict(loaded().inputs()).close();
    }

    /** The same call through this library, without a session. */
    @Benchmark
    public void checkedCall() {
        loaded().checked().predict(loaded().inputs()).close();
    }

    /** Thirty computed steps of a session: in each three calls of methods, all checked. */
    @Benchmark
    public void thirtyComputedSteps() {
        try (CacheSession<NDArray> session = loaded().checked().begin("none", STEPS)) {
            for (int step = 0; step < STEPS; step++) {
                session.step(loaded().inputs()).close();
            }
        }
    }

    /** The checks of the inputs alone, which need no native call. */
    @Benchmark
    public Object inputsAlone() {
        return loaded().checked().check(loaded().inputs());
    }
}
