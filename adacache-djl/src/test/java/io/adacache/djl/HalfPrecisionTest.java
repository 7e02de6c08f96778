package io.adacache.djl;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import io.adacache.AdaCache;
import io.adacache.CacheSession;
import io.adacache.CacheStats;
import io.adacache.Policies;
import io.adacache.policy.CachePolicy;
import io.adacache.policy.Figures;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Models in fp16 and bf16: Java never touches their hidden states but through the scripted operations. */
class HalfPrecisionTest {
    private static final int STEPS = 30;

    private record Result(float[] latents, CacheStats stats, List<Double> distances) {}

    private static Result generate(String file, CachePolicy policy) {
        try (TorchScriptTransformer model = TestModels.load(file);
                CacheSession<NDArray> session = model.begin(policy, STEPS)) {
            float[] latents = TestModels.noise(5, 2 * 4 * 8 * 8 * 8);
            for (int i = 0; i < STEPS; i++) {
                try (NDManager manager = model.newManager()) {
                    NDList inputs = TestModels.openSora(manager, 5, 1000 - 1000.0 * i / STEPS);
                    inputs.get(0).set(latents);
                    NDArray prediction = session.step(inputs);
                    assertThat(prediction.getDataType()).isEqualTo(DataType.FLOAT32);
                    latents = inputs.get(0)
                            .add(prediction.get(":, :4").div(STEPS))
                            .toFloatArray();
                }
            }
            List<Double> distances = session.trace().steps().stream()
                    .flatMap(step -> step.figures().stream())
                    .map(figures -> figures.get(Figures.DISTANCE).orElseThrow())
                    .toList();
            return new Result(latents, session.stats(), distances);
        }
    }

    @ParameterizedTest
    @CsvSource({"open-sora-tiny-fp16.pt, 0.005", "open-sora-tiny-bf16.pt, 0.04"})
    void wholeGenerationStaysNearFp32(String file, double tolerance) {
        Result plain = generate(TestModels.OPEN_SORA, Policies.none());
        Result half = generate(file, Policies.none());
        double drift = drift(half.latents(), plain.latents());
        System.err.printf("drift of %s against fp32, uncached: %.5f%n", file, drift);
        assertThat(drift).isLessThan(tolerance);

        Result cached = generate(file, AdaCache.fast());
        Result cachedFp32 = generate(TestModels.OPEN_SORA, AdaCache.fast());
        assertThat(cached.stats().reusedSteps()).isPositive();
        assertThat(cached.stats().bytesHeld()).isEqualTo(cachedFp32.stats().bytesHeld() / 2);
        // Sums are accumulated in fp64; what differs is rounding inside the model (in bf16 the timestep, too).
        assertThat(cached.distances().get(0) / cachedFp32.distances().get(0)).isBetween(0.95, 1.05);
    }

    private static double drift(float[] actual, float[] expected) {
        double max = 0;
        double difference = 0;
        for (int i = 0; i < expected.length; i++) {
            max = Math.max(max, Math.abs(expected[i]));
            difference = Math.max(difference, Math.abs(expected[i] - actual[i]));
        }
        return difference / max;
    }
}
