package io.adacache.bench.jmh;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.adacache.bench.engine.EngineSettings;
import io.adacache.bench.pipeline.DemoModel;
import io.adacache.djl.TorchScriptTransformer;
import io.adacache.layout.TokenGrid;
import io.adacache.metric.Metric;
import io.adacache.metric.Sums;
import java.util.Locale;
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

/** What a distance and a motion score of a residual cost on the CPU: one read of the tensors is the least. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class MeasureBenchmark {
    private static final int ROWS = 2;
    private static final int FRAMES = 8;
    private static final int CHANNELS = 512;

    /** Tokens of a row. */
    @Param({"128", "2048"})
    public int tokens;

    /** Of the tensors: FLOAT32, FLOAT16. */
    @Param({"FLOAT32", "FLOAT16"})
    public String dtype = "FLOAT32";

    /** L1, L2, COSINE. */
    @Param({"L1", "L2"})
    public String metric = "L1";

    private @Nullable Prepared prepared;

    private record Prepared(
            TorchScriptTransformer model, NDManager manager, NDArray now, NDArray then, TokenGrid grid) {}

    /** Makes the tensors. */
    @Setup
    public void make() {
        EngineSettings.apply(null);
        TorchScriptTransformer model = TorchScriptTransformer.load(DemoModel.copyOut(), Device.cpu());
        NDManager manager = model.newManager();
        Shape shape = new Shape(ROWS, tokens, CHANNELS);
        DataType type = DataType.valueOf(dtype.toUpperCase(Locale.ROOT));
        prepared = new Prepared(
                model,
                manager,
                manager.randomNormal(shape).toType(type, false),
                manager.randomNormal(shape).toType(type, false),
                new TokenGrid(ROWS, 0, FRAMES, tokens / FRAMES, CHANNELS));
    }

    /** Frees them. */
    @TearDown
    public void close() {
        prepared().manager().close();
        prepared().model().close();
    }

    /** Distance of two residuals. */
    @Benchmark
    public Sums distance() {
        return prepared()
                .model()
                .ops()
                .distance(Metric.valueOf(metric), prepared().now(), prepared().then());
    }

    /** Motion between neighbouring frames of a residual. */
    @Benchmark
    public Sums motion() {
        return prepared()
                .model()
                .ops()
                .motion(Metric.valueOf(metric), prepared().now(), prepared().grid(), 1);
    }

    private Prepared prepared() {
        return Objects.requireNonNull(prepared, "not set up");
    }
}
