package io.adacache.djl;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.adacache.AdaCache;
import io.adacache.CacheSession;
import io.adacache.djl.instrument.InstrumentOptions;
import io.adacache.djl.instrument.Instrumenter;
import io.adacache.layout.Site;
import io.adacache.policy.CachePolicy;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A plain trace, instrumented, generates what the exported file with the same weights generates. */
class InstrumentedGenerationTest {
    private static final int STEPS = 30;
    private static final Map<String, Integer> SIZES =
            Map.of("batch", 2, "frames", 4, "height", 8, "width", 8, "text", 6, "prompts", 1, "conditions", 1);

    @TempDir
    Path folder;

    private record Result(float[] latents, List<Integer> computed) {}

    private static NDList inputs(TorchScriptTransformer model, NDManager manager, float[] latents, double timestep) {
        NDList inputs = new NDList();
        for (Manifest.Input spec : model.manifest().inputs()) {
            long[] shape = spec.shape().stream()
                    .mapToLong(s -> SIZES.containsKey(s) ? SIZES.get(s) : Long.parseLong(s))
                    .toArray();
            int count = (int) new Shape(shape).size();
            float[] values = TestModels.noise(5, count);
            switch (spec.role()) {
                case "latent" -> System.arraycopy(latents, 0, values, 0, count);
                case "timestep" -> Arrays.fill(values, (float) timestep);
                case "class-label" -> Arrays.fill(values, 3);
                case "fps" -> Arrays.fill(values, 24);
                case "pixel-height", "pixel-width" -> Arrays.fill(values, 64);
                case "text-mask", "frame-mask" -> Arrays.fill(values, 1);
                default -> {}
            }
            NDArray array = manager.create(values, new Shape(shape));
            inputs.add(spec.dtype().equals("int64") ? array.toType(DataType.INT64, false) : array);
        }
        return inputs;
    }

    private static Result generate(TorchScriptTransformer model, CachePolicy policy) {
        int latent = model.manifest().indexOf("latent");
        try (CacheSession<NDArray> session = model.begin(policy, STEPS)) {
            float[] latents = TestModels.noise(11, 2 * 4 * 4 * 8 * 8);
            for (int i = 0; i < STEPS; i++) {
                try (NDManager manager = model.newManager()) {
                    NDList inputs = inputs(model, manager, latents, Math.round(1000 - 1000.0 * i / STEPS));
                    NDArray prediction = session.step(inputs);
                    NDArray x = inputs.get(latent);
                    int channels = model.manifest().inputs().get(latent).shape().indexOf("4");
                    NDArray used = prediction.getShape().get(channels) == 4
                            ? prediction
                            : prediction.split(2, channels).get(0);
                    latents = x.sub(used.div(STEPS)).toFloatArray();
                }
            }
            return new Result(latents, session.trace().computedSteps());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"latte-class-tiny", "joint-tiny"})
    void generatesWhatTheExportedFileGenerates(String name) throws IOException {
        Path trace =
                Path.of(TestModels.class.getResource("/traced/" + name + ".pt").getPath());
        Path out = folder.resolve("out.pt");
        Instrumenter.instrument(trace, out, InstrumentOptions.ofDefaults());
        compare(TestModels.file(name + ".pt"), out);
    }

    private static void compare(Path exported, Path instrumented) {
        try (TorchScriptTransformer expected = TorchScriptTransformer.load(exported, Device.cpu());
                TorchScriptTransformer actual = TorchScriptTransformer.load(instrumented, Device.cpu())) {
            assertThat(kinds(actual)).isEqualTo(kinds(expected));
            for (AdaCache policy : List.of(AdaCache.fast(), AdaCache.fast().withMotionRegularization())) {
                Result wanted = generate(expected, policy);
                Result got = generate(actual, policy);
                assertThat(got.computed()).isEqualTo(wanted.computed());
                double largest = 0;
                double difference = 0;
                for (int i = 0; i < wanted.latents().length; i++) {
                    largest = Math.max(largest, Math.abs(wanted.latents()[i]));
                    difference = Math.max(difference, Math.abs(wanted.latents()[i] - got.latents()[i]));
                }
                assertThat(difference / largest).isLessThan(1e-5);
            }
        }
    }

    private static List<String> kinds(TorchScriptTransformer model) {
        List<String> kinds = new ArrayList<>();
        for (Site site : model.layout().sites()) {
            kinds.add(site.block() + " " + site.kind());
        }
        return kinds;
    }
}
