package io.adacache.djl;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.adacache.CacheSession;
import io.adacache.CacheStats;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clips that share a call, on the engine: nothing but the schedule goes from one to the other. */
class NeighboursTest {
    private static final int STEPS = 8;
    private static final int LATENT = 4 * 3 * 4 * 4;
    private static final int TEXT = 5 * 8;

    private record Outcome(List<float[]> mine, CacheStats stats) {}

    /** Inputs of the small file: a row per clip, which drifts from step to step as fast as is told. */
    private static NDList inputs(NDManager manager, int step, long[] clips, double[] speeds) {
        int rows = clips.length;
        float[] latents = new float[rows * LATENT];
        float[] texts = new float[rows * TEXT];
        float[] timesteps = new float[rows];
        for (int row = 0; row < rows; row++) {
            float[] start = TestModels.noise(clips[row], LATENT);
            float[] way = TestModels.noise(clips[row] + 100, LATENT);
            for (int i = 0; i < LATENT; i++) {
                latents[row * LATENT + i] = start[i] + (float) (speeds[row] * step) * way[i];
            }
            System.arraycopy(TestModels.noise(clips[row] + 200, TEXT), 0, texts, row * TEXT, TEXT);
        }
        Arrays.fill(timesteps, 1000f * (STEPS - step) / STEPS);
        return new NDList(
                manager.create(latents, new Shape(rows, 4, 3, 4, 4)),
                manager.create(timesteps),
                manager.create(texts, new Shape(rows, 5, 8)));
    }

    /** Runs a generation and returns the predictions of the first row. */
    private static Outcome run(TorchScriptTransformer model, String policy, long[] clips, double[] speeds) {
        try (NDManager manager = model.newManager();
                CacheSession<NDArray> session = model.begin(policy, STEPS)) {
            List<float[]> mine = new ArrayList<>();
            for (int step = 0; step < STEPS; step++) {
                float[] all = session.step(inputs(manager, step, clips, speeds)).toFloatArray();
                mine.add(Arrays.copyOf(all, all.length / clips.length));
            }
            return new Outcome(mine, session.stats());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"none", "every-3", "steps:1;2;5", "taylorseer:3", "fora:2"})
    void underAScheduleThatMeasuresNothingAClipIsTheSameBesideAnyOther(String policy) {
        try (TorchScriptTransformer model = TestModels.load(TestModels.SMALL)) {
            Outcome first = run(model, policy, new long[] {1, 2}, new double[] {0.1, 0.1});
            Outcome second = run(model, policy, new long[] {1, 3}, new double[] {0.1, 5});
            for (int step = 0; step < STEPS; step++) {
                assertThat(second.mine().get(step))
                        .as("step %d", step + 1)
                        .isEqualTo(first.mine().get(step));
            }
        }
    }

    /** A neighbour that does not move never makes one wait; under the mean it may hold one back. */
    @Test
    void underAnyACalmNeighbourChangesNothing() {
        String policy = "adacache:codebook=0.02:4;0.08:2;1:1,rows=any";
        try (TorchScriptTransformer model = TestModels.load(TestModels.SMALL)) {
            Outcome twice = run(model, policy, new long[] {1, 1}, new double[] {0.3, 0.3});
            Outcome calm = run(model, policy, new long[] {1, 2}, new double[] {0.3, 0});
            assertThat(calm.stats().computedSteps()).isEqualTo(twice.stats().computedSteps());
            for (int step = 0; step < STEPS; step++) {
                assertThat(calm.mine().get(step))
                        .as("step %d", step + 1)
                        .isEqualTo(twice.mine().get(step));
            }
        }
    }
}
