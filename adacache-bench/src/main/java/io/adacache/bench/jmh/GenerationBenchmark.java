package io.adacache.bench.jmh;

import ai.djl.Device;
import io.adacache.bench.engine.EngineSettings;
import io.adacache.bench.pipeline.Conditioning;
import io.adacache.bench.pipeline.DemoModel;
import io.adacache.bench.pipeline.DemoSettings;
import io.adacache.bench.pipeline.Denoised;
import io.adacache.bench.pipeline.GuidanceMode;
import io.adacache.bench.pipeline.Pipeline;
import io.adacache.bench.pipeline.Recipe;
import io.adacache.bench.sampler.LatentShape;
import io.adacache.bench.sampler.Noise;
import io.adacache.djl.Manifest;
import io.adacache.djl.TorchScriptTransformer;
import io.adacache.policy.CachePolicy;
import java.nio.file.Path;
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

/** A whole generation from noise to clip. A shot is one generation; the two before are for the engine to settle. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 2)
@Measurement(iterations = 5)
@Fork(2)
public class GenerationBenchmark {
    private static final String PROMPT = "a small red circle moving fast to the left on a checkerboard";

    /** Policy, as on the command line. */
    @Param({"none", "adacache-slow", "adacache-fast", "adacache-fast-moreg", "adacache-plus:calls=10", "every-3"})
    public String policy = "none";

    /** Denoising steps. */
    @Param("30")
    public int steps;

    /** How guidance is called. */
    @Param("BATCHED")
    public GuidanceMode guidance = GuidanceMode.BATCHED;

    /** Model file; empty for the demo model. */
    @Param("")
    public String model = "";

    /** What the clip shows. */
    @Param(PROMPT)
    public String prompt = PROMPT;

    private @Nullable Prepared prepared;

    private record Prepared(AutoCloseable model, Pipeline pipeline, Conditioning conditioning, CachePolicy policy) {}

    /** Loads the model. */
    @Setup
    public void load() {
        EngineSettings.apply(null);
        TorchScriptTransformer transformer =
                TorchScriptTransformer.load(model.isEmpty() ? DemoModel.copyOut() : Path.of(model), Device.cpu());
        Manifest manifest = transformer.manifest();
        DemoSettings settings = DemoSettings.of(manifest);
        LatentShape latent = settings.latent();
        Pipeline pipeline = new Pipeline(
                transformer,
                Recipe.of(manifest).with(steps).make(manifest, latent, latent.height(), latent.width()),
                guidance,
                settings.guidance(),
                latent);
        prepared = new Prepared(transformer, pipeline, settings.conditioning(prompt), pipeline.policy(policy));
    }

    /** Unloads it. */
    @TearDown
    public void close() throws Exception {
        prepared().model().close();
    }

    /** Generates. */
    @Benchmark
    public Denoised generate() {
        return prepared()
                .pipeline()
                .denoise(prepared().conditioning(), prepared().policy(), new Noise(1), call -> {});
    }

    private Prepared prepared() {
        return Objects.requireNonNull(prepared, "not set up");
    }
}
